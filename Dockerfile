FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md ./
COPY claimbot claimbot
COPY flows flows
RUN pip wheel --no-cache-dir --wheel-dir /wheels ".[postgres]"

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home --home-dir /srv/claimbot claimbot
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index /wheels/*.whl
USER 10001
WORKDIR /srv/claimbot
# made before it is a volume, so that it belongs to this user: a new volume takes over what is there
RUN mkdir data
ENV CLAIMBOT_DATA=/srv/claimbot/data
VOLUME /srv/claimbot/data
HEALTHCHECK --interval=60s --timeout=20s --start-period=30s CMD ["claimbot", "health"]
CMD ["claimbot", "run"]
