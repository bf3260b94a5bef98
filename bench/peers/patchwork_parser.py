"""Patchwork's parse_mail() on every mail of an mboxrd, into a database in memory: patchwork_parser.py CHECKOUT FILE.

Prints how many mails there were and how many series it made of them.
"""
import email
import logging
import sys

from mails import mails

sys.path.insert(0, sys.argv[1])

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="bench",
    USE_TZ=False,
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "patchwork"],
    MIGRATION_MODULES={"auth": None, "contenttypes": None, "patchwork": None},
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    ROOT_URLCONF="django.urls",
    ENABLE_REST_API=False,
    ENABLE_XMLRPC=False,
    CONFIRMATION_VALIDITY_DAYS=7,
    NOTIFICATION_DELAY_MINUTES=10,
    NOTIFICATION_FROM_EMAIL="bench@example.org",
    DEFAULT_ITEMS_PER_PAGE=100,
    COMPAT_REDIR=True,
    FORCE_HTTPS_LINKS=False,
)
logging.disable(logging.CRITICAL)
django.setup()

from django.core.management import call_command

call_command("migrate", run_syncdb=True, verbosity=0)

from patchwork.models import Project, Series, State
from patchwork.parser import DuplicateMailError, parse_mail

State.objects.create(name="New", slug="new", ordering=0)
for list_id in ("kvm.vger.kernel.org", "linux-kernel.vger.kernel.org"):
    Project.objects.create(linkname=list_id, name=list_id, listid=list_id, listemail=list_id.replace(".", "@", 1))

count = 0
for data in mails(sys.argv[2]):
    count += 1
    try:
        parse_mail(email.message_from_bytes(data))
    except (DuplicateMailError, ValueError):
        pass
print(count, Series.objects.count())
