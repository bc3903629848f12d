# One image serves web, worker, beat and migrations; only the command differs (see docker-compose.yml).
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/var/lib/pedbasis
RUN useradd --system --home-dir /var/lib/pedbasis --create-home pedbasis
WORKDIR /srv/pedbasis

COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.txt

COPY . .
# The build needs settings but no secrets: these values are not stored in the image.
RUN SECRET_KEY=build DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost/0 \
    sh -c "python -m pedbasis.translations && python manage.py collectstatic --noinput"

USER pedbasis
# Made by this user, so that a new volume for photos belongs to it.
RUN mkdir -p "$DATA_DIR/photos"
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-m", "pedbasis.healthcheck"]
CMD ["python", "-m", "pedbasis.serve", "--host", "0.0.0.0"]
