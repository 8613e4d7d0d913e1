"""What the server loads: the application, and one job worker for the whole server when that is asked for."""

from app import create_app
from app.infra.worker import start_embedded_worker
from config import Config

config = Config.from_env()
app = create_app(config)
if config.embedded_worker:
    start_embedded_worker(app)
