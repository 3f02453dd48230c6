"""The flow format as a JSON Schema, so that editors complete and check it."""

from typing import Any

from claimbot.flow.model import Flow


def flow_schema() -> dict[str, Any]:
    """Draft 2020-12. What the loader sets itself is left out."""
    schema = Flow.model_json_schema(by_alias=True)
    schema["properties"].pop("fingerprint", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "A flow of claimbot"}
