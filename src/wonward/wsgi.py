"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from wonward import loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wonward.settings")
application = get_wsgi_application()
loaded.settle()
