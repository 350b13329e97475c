"""What the service doors register."""

from kernel.web import Room
from portal.service import files, health, tokens

service = Room(
    name="service",
    routes=(tokens.create_token, files.download_file, health.live, health.ready, health.metrics),
    policies=(files.POLICY,),
    models=health,
)
