"""Python's email package on every mail of an mboxrd: email_package.py FILE compat32|default.

Parses, decodes the text and looks for the name of a file in it; prints how many mails there were.
"""
import email
import email.policy
import sys

from mails import mails

NAME = b"arch/x86/kvm/svm/avic.c"


def texts(message):
    for part in message.walk():
        if part.get_content_maintype() == "text":
            yield part.get_payload(decode=True) or b""


policy = getattr(email.policy, sys.argv[2])
count = 0
found = 0
for data in mails(sys.argv[1]):
    message = email.message_from_bytes(data, policy=policy)
    for field in ("message-id", "subject", "from", "date", "in-reply-to", "references"):
        message.get_all(field)
    found += any(NAME in text for text in texts(message))
    count += 1
print(count, found)
