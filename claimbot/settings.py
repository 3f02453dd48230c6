"""Settings, from the environment or a `.env` file; whatever is wrong is said in one clear sentence each."""

import re
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from claimbot.errors import SettingsError

TELEGRAM: Final = "https://api.telegram.org"
_TOKEN: Final = re.compile(r"[0-9]+:[A-Za-z0-9_-]{20,}")


class Settings(BaseSettings):
    """How this installation runs."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    telegram_token: str = ""
    telegram_api_url: str = TELEGRAM
    claimbot_data: Path = Path("data")
    claimbot_database: str = ""
    claimbot_evidence: Path | None = None
    claimbot_flows: Path | None = None
    claimbot_tick_seconds: float = Field(default=1.0, gt=0, le=60)

    @field_validator("telegram_api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("it must begin with http:// or https://")
        return value.rstrip("/")

    @property
    def database(self) -> str:
        return self.claimbot_database or f"sqlite:///{self.claimbot_data / 'claimbot.db'}"

    @property
    def evidence(self) -> Path:
        return self.claimbot_evidence or self.claimbot_data / "evidence"

    @property
    def flows(self) -> Path:
        """The office's own flows, else those shipped with the program."""
        if self.claimbot_flows is not None:
            return self.claimbot_flows
        inside = Path(__file__).parent / "shipped_flows"
        return inside if inside.is_dir() else Path(__file__).parent.parent / "flows"

    @property
    def token(self) -> str:
        """Raises SettingsError when there is none, or when it cannot be one."""
        if not self.telegram_token:
            raise SettingsError("TELEGRAM_TOKEN is missing: set it to the token that BotFather gave you.")
        if not _TOKEN.fullmatch(self.telegram_token):
            raise SettingsError("TELEGRAM_TOKEN is not a bot token: it looks like 123456789:AbC… with no spaces.")
        return self.telegram_token


def read_settings() -> Settings:
    """The settings. Raises SettingsError with a sentence for each that is wrong."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = [
            f"{str(each['loc'][0]).upper()}: {each['msg'].removeprefix('Value error, ')}." for each in error.errors()
        ]
        raise SettingsError("\n".join(wrong)) from error
    if settings.claimbot_flows is not None and not settings.claimbot_flows.is_dir():
        raise SettingsError(f"CLAIMBOT_FLOWS: there is no folder {settings.claimbot_flows}.")
    return settings
