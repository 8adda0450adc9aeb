# One image for web, worker, beat and migrate. Its steps are those of every tested change: install what the lock lists, with hashes.
FROM python:3.12-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements/production.txt /tmp/production.txt
RUN /opt/venv/bin/python -m pip install --require-hashes --no-deps -r /tmp/production.txt

FROM python:3.12-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH \
    MERIDIAN_VENV=/opt/venv \
    MERIDIAN_STATIC=/srv/static \
    DJANGO_SETTINGS_MODULE=config.settings \
    PYTHONUNBUFFERED=1 \
    PYTHONPATH=/srv/meridian \
    WEB_BIND=0.0.0.0:8000
RUN useradd --system --uid 10001 --home-dir /srv/meridian --shell /usr/sbin/nologin meridian
WORKDIR /srv/meridian
COPY --from=packages /opt/venv /opt/venv
COPY manage.py pyproject.toml ./
COPY config config
COPY local local
COPY proof proof
COPY demo demo
COPY core core
COPY scheduler scheduler
COPY booking booking
COPY notifications notifications
RUN python manage.py collectstatic --no-input --verbosity 0
USER meridian
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-m", "local.processes.healthcheck"]
CMD ["python", "-m", "config.serve"]
