"""Mails that came back, written for the tests after the manner of many mail systems; all names are invented."""

ANNA = "anna@teszt.example"
BELA = "bela@posta.example"
LETTER = """\
Return-Path: <hirlevel@kiado.example>
Received: from mail.kiado.example (mail.kiado.example [192.0.2.10])
    by mx.teszt.example with ESMTP id 4abc; Mon, 2 Mar 2026 08:00:00 +0100
Message-ID: <20260302.1@kiado.example>
Date: Mon, 2 Mar 2026 08:00:00 +0100
From: Kiado <hirlevel@kiado.example>
To: anna@teszt.example
Subject: Tavaszi ujdonsagok

Kedves Anna!
"""


def notice(
    body: str,
    *,
    sender: str = "MAILER-DAEMON@mx.example",
    subject: str = "failure notice",
    more: str = "",
) -> bytes:
    """A plain notice; `more`: further header fields."""
    head = (
        f"Return-Path: <>\nFrom: {sender}\nTo: hirlevel@kiado.example\nSubject: {subject}\n{more}"
    )
    return f"{head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}".encode()


def report(status: str, *, words: str = "It failed.", kind: str = "delivery-status", subject: str = "Undelivered Mail Returned to Sender", original: str = LETTER) -> bytes:  # fmt: skip
    """A multipart/report (RFC 6522)."""
    part = {
        "delivery-status": "message/delivery-status",
        "feedback-report": "message/feedback-report",
    }.get(kind, f"message/{kind}")
    shown = kind.removeprefix("global-")
    return (
        f"Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: hirlevel@kiado.example\nSubject: {subject}\n"
        f'Auto-Submitted: auto-replied\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type={shown};\n boundary="b1/x=y"\n\nThis is a MIME-encapsulated message.\n\n'
        f"--b1/x=y\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n--b1/x=y\nContent-Type: {part}\n\n{status}\n\n"
        f"--b1/x=y\nContent-Type: message/rfc822\n\n{original}\n--b1/x=y--\n"
    ).encode()


def status(
    recipient: str = ANNA,
    *,
    code: str = "5.1.1",
    action: str = "failed",
    said: str = "",
    original: str = "",
) -> str:
    """The groups of a delivery status (RFC 3464)."""
    lines = ["Reporting-MTA: dns; mx.example", "Arrival-Date: Mon, 2 Mar 2026 08:00:00 +0100", ""]
    lines += [f"Original-Recipient: rfc822;{original}"] if original else []
    lines += [f"Final-Recipient: rfc822; {recipient}", f"Action: {action}", f"Status: {code}"]
    lines += [f"Diagnostic-Code: smtp; {said}"] if said else []
    return "\n".join(lines)


# name: the mail, its recipients, permanence, class
BOUNCES: dict[str, tuple[bytes, list[str], str, str]] = {
    "RFC 3464": (report(status(said="550 5.1.1 <anna@teszt.example>: User unknown in virtual mailbox table")), [ANNA], "permanent", "address"),
    "RFC 3464, two": (report(status() + "\n\n" + status(BELA, code="4.2.2", said="452 4.2.2 Over quota").split("\n\n")[1]), [ANNA, BELA], "permanent", "address"),
    "RFC 3464, no blank line": (report(status().replace("\n\n", "\n") + "\n" + status(BELA).split("\n\n")[1]), [ANNA, BELA], "permanent", "address"),
    "vague status": (report(status(code="5.0.0", said="552 5.2.2 mailbox is full")), [ANNA], "permanent", "mailbox_full"),
    "permanent status, transient reply": (report(status(code="5.0.0", said="451 Temporary local problem")), [ANNA], "transient", "other"),
    "delayed": (report(status(code="4.4.1", action="delayed", said="connect to mx: Connection timed out"), subject="Delayed Mail (still being retried)"), [ANNA], "transient", "network"),
    "policy": (report(status(code="5.7.1", said="550 5.7.1 Message rejected due to local policy")), [ANNA], "permanent", "policy"),
    "reputation": (report(status(code="5.0.0", said="554 5.7.1 Client host [192.0.2.10] blocked using zen.dnsbl.example")), [ANNA], "permanent", "reputation"),
    "RFC 6533": (report("Reporting-MTA: dns; mx.example\n\nFinal-Recipient: utf-8; k\\x{E9}zbes\\x{ED}t\u0151@teszt.example\nAction: failed\nStatus: 5.1.1", kind="global-delivery-status"), ["k\u00e9zbes\u00edt\u0151@teszt.example"], "permanent", "address"),
    "name inside the system": (report(status("u1234@mailstore", original=ANNA)), [ANNA], "permanent", "address"),
    "fields in prose": (notice("An error occurred.\n\nReporting-MTA: dsn; x\nAction: failed\nFinal-Recipient: rfc822; anna@teszt.example\nDiagnostic-Code: smtp; 550 5.2.2 mailbox full\nStatus: 5.2.2\n", subject="Delivery Status Notification (Failure)"), [ANNA], "permanent", "mailbox_full"),
    "qmail": (notice(f"Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<{ANNA}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n<{BELA}>:\n192.0.2.5 does not like recipient.\nRemote host said: 550 5.1.1 unknown\nGiving up on 192.0.2.5.\n\n--- Below this line is a copy of the message.\n\n{LETTER}"), [ANNA, BELA], "permanent", "address"),
    "qmail, gave up": (notice(f"Hi. This is the qmail-send program at mx.example.\n\n<{ANNA}>:\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nI'm not going to try again; this message has been in the queue too long.\n\n--- Below this line is a copy of the message.\n\n{LETTER}"), [ANNA], "transient", "network"),
    "Exim": (notice(f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {ANNA}\n    host mx.teszt.example [192.0.2.9]\n    SMTP error from remote mail server after RCPT TO:<{ANNA}>:\n    550 5.1.1 <{ANNA}>: no such user\n\n------ This is a copy of the message, including all the headers. ------\n\n{LETTER}", subject="Mail delivery failed: returning message to sender", more=f"X-Failed-Recipients: {ANNA}\n"), [ANNA], "permanent", "address"),
    "Exim, waiting": (notice(f"This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.example.\n\nThe address to which the message has not yet been delivered is:\n\n  {ANNA}\n    Delay reason: connection timed out\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.\n", subject="Warning: message 1abc-22-33 delayed 24 hours"), [ANNA], "transient", "network"),
    "Postfix without DSN": (notice(f"This is the Postfix program at host mx.example.\n\nI'm sorry to have to inform you that your message could not be\ndelivered to one or more recipients. It's attached below.\n\nFor further assistance, please send mail to <postmaster@mx.example>\n\n\t\t\tThe Postfix program\n\n<{ANNA}>: host mx.teszt.example[192.0.2.9] said: 550 5.1.1\n    <{ANNA}>: User unknown (in reply to RCPT TO command)\n"), [ANNA], "permanent", "address"),
    "old Sendmail": (notice(f"The original message was received at Mon, 2 Mar 2026 08:00:00 +0100\nfrom mail.kiado.example [192.0.2.10]\n\n   ----- The following addresses had permanent fatal errors -----\n<{ANNA}>\n\n   ----- Transcript of session follows -----\n... while talking to mx.teszt.example.:\n>>> RCPT To:<{ANNA}>\n<<< 550 5.1.1 <{ANNA}>... User unknown\n550 5.1.1 <{ANNA}>... User unknown\n\n   ----- Unsent message follows -----\n{LETTER}", subject="Returned mail: User unknown"), [ANNA], "permanent", "address"),
    "Exchange 2003": (notice(f"Your message\n\n  To:      {ANNA}\n  Subject: Tavaszi ujdonsagok\n  Sent:    Mon, 2 Mar 2026 08:00:00 +0100\n\ndid not reach the following recipient(s):\n\n{ANNA} on Mon, 2 Mar 2026 08:00:09 +0100\n    The recipient name is not recognized\n\tThe MTS-ID of the original message is: c=hu;a= ;p=x;l=MX-1\n    MSEXCH:IMS:X:SITE:MX 0 (000C05A6) Unknown Recipient\n", sender='"System Administrator" <postmaster@teszt.example>', subject="Undeliverable: Tavaszi ujdonsagok"), [ANNA], "permanent", "address"),
    "Exchange, X.400 form": (notice("Your message did not reach the following recipient(s):\n\nc=HU;a= ;p=ORG;o=Site;dda:SMTP=anna@teszt.example; on Mon, 2 Mar 2026\n    The recipient name is not recognized\n", sender="System Administrator <postmaster@teszt.example>", subject="Undeliverable: hello"), [ANNA], "permanent", "address"),
    "Domino": (notice(f"Your message\n\n  Subject: Tavaszi ujdonsagok\n\nwas not delivered to:\n\n  {ANNA}\n\nbecause:\n\n  User anna ({ANNA}) not listed in Domino Directory\n", sender="Postmaster@teszt.example", subject=f"DELIVERY FAILURE: User anna ({ANNA}) not listed in Domino Directory"), [ANNA], "permanent", "address"),
    "Notes": (notice(f"------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\n{ANNA}\n\n------- Returned Message --------\n\n{LETTER}", sender="postmaster@teszt.example", subject="Undeliverable message"), [ANNA], "permanent", "address"),
    "Gmail": (notice(f"Delivery to the following recipient failed permanently:\n\n     {ANNA}\n\nTechnical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by the recipient domain. The error that the other server returned was: 550 550 5.2.1 The email account that you tried to reach is disabled (state 14).\n\n----- Original message -----\n\n{LETTER}", sender="Mail Delivery Subsystem <mailer-daemon@gmail.example>", subject="Delivery Status Notification (Failure)", more=f"X-Failed-Recipients: {ANNA}\n"), [ANNA], "permanent", "mailbox_disabled"),
    "Yahoo": (notice(f"Sorry, we were unable to deliver your message to the following address.\n\n<{ANNA}>:\nRemote host said:\n554 delivery error: dd This user doesn't have a teszt.example account ({ANNA}) [0]\n [RCPT_TO]\n\n--- Below this line is a copy of the message.\n\n{LETTER}", subject="Failure Notice"), [ANNA], "permanent", "address"),
    "GMX": (notice(f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of\nits recipients. This is a permanent error. The following address\nfailed:\n\n<{ANNA}>:\nMailbox is full\n\n--- The header of the original message is following. ---\n\n{LETTER}", subject="Mail delivery failed: returning message to sender"), [ANNA], "permanent", "mailbox_full"),
    "mail.ru": (notice(f"\u042d\u0442\u043e \u043f\u0438\u0441\u044c\u043c\u043e \u0441\u043e\u0437\u0434\u0430\u043d\u043e \u0430\u0432\u0442\u043e\u043c\u0430\u0442\u0438\u0447\u0435\u0441\u043a\u0438.\n\u041a \u0441\u043e\u0436\u0430\u043b\u0435\u043d\u0438\u044e, \u0412\u0430\u0448\u0435 \u043f\u0438\u0441\u044c\u043c\u043e \u043d\u0435 \u043c\u043e\u0436\u0435\u0442 \u0431\u044b\u0442\u044c \u0434\u043e\u0441\u0442\u0430\u0432\u043b\u0435\u043d\u043e \u043f\u043e\u043b\u0443\u0447\u0430\u0442\u0435\u043b\u044e:\n\n  {ANNA}\n    \u043f\u043e\u043b\u044c\u0437\u043e\u0432\u0430\u0442\u0435\u043b\u044c \u043d\u0435 \u043d\u0430\u0439\u0434\u0435\u043d\n", subject="\u0412\u0430\u0448\u0435 \u0441\u043e\u043e\u0431\u0449\u0435\u043d\u0438\u0435 \u043d\u0435 \u0434\u043e\u0441\u0442\u0430\u0432\u043b\u0435\u043d\u043e"), [ANNA], "permanent", "address"),
    "Hungarian": (notice(f"Ez egy automatikus üzenet, kérjük, ne válaszoljon rá.\n\nAz Ön levelét nem sikerült kézbesíteni az alábbi címre:\n\n    {ANNA}\n\nOk: A címzett nem létezik a rendszerünkben.\n", sender="Levelezőrendszer <postmaster@level.example>", subject="Sikertelen kézbesítés"), [ANNA], "permanent", "address"),
    "Hungarian, full": (notice(f"A levelet nem lehetett kézbesíteni.\n\nCímzett: {ANNA}\nHiba: a postafiók megtelt\n", sender="mailer-daemon@level.example", subject="Kézbesíthetetlen levél"), [ANNA], "permanent", "mailbox_full"),
    "Romanian": (notice(f"Mesajul dumneavoastră nu a putut fi livrat următorului destinatar:\n\n  {ANNA}\n\nMotiv: utilizatorul nu există\n", sender="postmaster@posta.example", subject="Mesaj nelivrat"), [ANNA], "permanent", "address"),
    "German": (notice(f"Ihre Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: {ANNA}\nGrund: Das Postfach ist voll\n", subject="Unzustellbar: Neuigkeiten"), [ANNA], "permanent", "mailbox_full"),
    "French": (notice(f"Votre message n'a pas pu être délivré à\n\n{ANNA}\n\nAdresse introuvable\n", sender="postmaster@courrier.example", subject="Message non distribué"), [ANNA], "permanent", "address"),
    "Polish": (notice(f"Wiadomość nie została dostarczona do:\n\n{ANNA}\n\nUżytkownik nie istnieje\n", subject="Niedostarczona wiadomość"), [ANNA], "permanent", "address"),
    "Chinese": (notice(f"很抱歉，您的邮件无法送达以下收件人：\n\n{ANNA}\n\n原因：用户不存在\n", sender="postmaster@posta.example", subject="系统退信"), [ANNA], "permanent", "address"),
    "Japanese carrier": (notice(f"次のあて先へのメッセージはエラーのため送信できませんでした。\n\n送信先メールアドレスが見つかりません、または送信先メールサーバの事由により送信できませんでした。\n  <{ANNA}>\n", subject="Mail System Error - Returned Mail"), [ANNA], "permanent", "address"),
    "Japanese, ISO-2022-JP without charset": (b"Return-Path: <>\nFrom: postmaster@mx.example\nTo: hirlevel@kiado.example\nSubject: Returned mail: User unknown\n\n" + f"配信できませんでした。\n<{ANNA}>\nユーザーが存在しない\n".encode("iso-2022-jp"), [ANNA], "permanent", "address"),
    "James": (notice(f"Hi. This is the James mail server at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\nMessage details:\n  Subject: Tavaszi\n  MAIL FROM: hirlevel@kiado.example\n  RCPT TO: {ANNA}\n  From: Kiado <hirlevel@kiado.example>\n  Size (in bytes): 1024\n\nError message below:\n550 - Requested action not taken: no such user here\n", sender="postmaster@mx.example", subject="[BOUNCE]"), [ANNA], "permanent", "address"),
    "SurfControl": (notice(f"Your message could not be sent.\nA transcript of the attempts to send the message follows.\nThe number of attempts made: 1\nAddressed To: {ANNA}\n\nMon 2 Mar 2026 08:00:00 +0100\nFailed to send to identified host,\n{ANNA}: [192.0.2.5], 550 {ANNA}... No such user\n", sender="Mail Gateway <mailgw@mx.example>", subject="Delivery failure notification"), [ANNA], "permanent", "address"),
    "Biglobe": (notice(f"   ----- The following addresses had delivery problems -----\n********************************************\n\n                MESSAGE IS NOT DELIVERED TO <{ANNA}>\n\n   The number of messages in recipient's mailbox exceeded the local limit.\n\n********************************************\n", subject="Mail delivery problem"), [ANNA], "permanent", "mailbox_full"),
    "MDaemon": (notice(f"The attached message had PERMANENT fatal delivery errors!\n\nYOUR MESSAGE WAS NOT DELIVERED!\n\nThe following addresses did NOT receive a copy of your message:\n\n> {ANNA}\n\n--- Session Transcript ---\n <-- 550 5.1.1 {ANNA}, User unknown\n", sender="MDaemon@mx.example", subject="Permanent Delivery Failure"), [ANNA], "permanent", "address"),
    "IMail": (notice(f"Unknown user: {ANNA}\n\nRCPT TO generated following response:\n553 5.3.0 <{ANNA}>... Addressee unknown\n\nOriginal message follows.\n\n{LETTER}", sender='"Postmaster" <postmaster@mx.example>', subject="Undeliverable Mail"), [ANNA], "permanent", "address"),
    "OpenSMTPD": (notice(f"    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this e-mail.\n\n    An error has occurred while attempting to deliver a message for\n    the following list of recipients:\n\n{ANNA}: 550 5.1.1 no such user\n\n    Below is a copy of the original message:\n\n{LETTER}", subject="Delivery status notification: error"), [ANNA], "permanent", "address"),
    "DragonFly": (notice(f"This is the DragonFly Mail Agent v0.13 at mx.example.\n\nThere was an error delivering your mail to <{ANNA}>.\n\nmx.teszt.example [192.0.2.9] did not like our RCPT TO:\n550 5.1.1 unknown user\n\nMessage headers follow.\n\n{LETTER}", sender="MAILER-DAEMON <>", subject="Mail delivery failed"), [ANNA], "permanent", "address"),
    "HTML only": (notice(f"<html><head><style>p {{ color: red }}</style></head><body><p>Delivery has failed to these recipients or groups:</p><p><a href=\"mailto:{ANNA}\">{ANNA}</a><br>The email address you entered couldn't be found.</p></body></html>", sender="postmaster@teszt.example", subject="Undeliverable: Tavaszi").replace(b"text/plain", b"text/html"), [ANNA], "permanent", "address"),
    "named by a plain return path": (b"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: bounce+anna=teszt.example@kiado.example\nSubject: Undeliverable mail\n\nYour message could not be delivered: mailbox full\n", [ANNA], "permanent", "mailbox_full"),
    "address closed for good": (notice("Thank you. This email address is no longer in use. Please find us on our site.\n", sender=f"Anna <{ANNA}>", subject="Automatic reply: Tavaszi", more="Auto-Submitted: auto-replied\n"), [ANNA], "permanent", "mailbox_disabled"),
    "Dovecot": (report(f"Reporting-UA: mx; Dovecot\nFinal-Recipient: rfc822; {ANNA}\nDisposition: automatic-action/MDN-sent-automatically; deleted", words=f"Your message to <{ANNA}> was automatically rejected:\nQuota exceeded", kind="disposition-notification", subject="Automatically rejected mail"), [ANNA], "permanent", "mailbox_full"),
    "Amazon by mail": (notice('{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{"emailAddress":"anna@teszt.example","status":"5.1.1","action":"failed","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},"mail":{}}\n\n--\nIf you wish to stop receiving', sender="SES <no-reply@sns.example>", subject="AWS Notification Message"), [ANNA], "permanent", "address"),
}  # fmt: skip

OTHERS: dict[str, tuple[bytes, str, list[str]]] = {
    "ARF": (report("Feedback-Type: abuse\nUser-Agent: Feedback/1.0\nVersion: 1\nOriginal-Rcpt-To: <anna@teszt.example>", kind="feedback-report", subject="complaint"), "complaint", [ANNA]),
    "ARF, recipient only in the mail": (report("Feedback-Type: abuse\nUser-Agent: Feedback/1.0\nVersion: 1", kind="feedback-report"), "complaint", [ANNA]),
    "ARF, opt-out": (report("Feedback-Type: opt-out\nUser-Agent: F/1\nVersion: 0.1\nRemoval-Recipient: anna@teszt.example", kind="feedback-report"), "complaint", [ANNA]),
    "delivered": (report(status(code="2.1.5", action="delivered"), subject="Successful Mail Delivery Report"), "delivered", [ANNA]),
    "relayed": (report(status(code="2.0.0", action="relayed"), subject="Delivery Status Notification (Relay)"), "delivered", [ANNA]),
    "read": (report(f"Reporting-UA: x\nFinal-Recipient: rfc822; {ANNA}\nDisposition: manual-action/MDN-sent-manually; displayed", kind="disposition-notification", subject="Read: Tavaszi"), "delivered", [ANNA]),
    "deleted unread": (report(f"Reporting-UA: x\nFinal-Recipient: rfc822; {ANNA}\nDisposition: manual-action/MDN-sent-automatically; deleted", words="Your message was deleted without being read.", kind="disposition-notification", subject="Not read: Tavaszi"), "autoreply", [ANNA]),
    "RFC 3834": (notice("I am away until Monday and cannot be reached. My colleague will deliver your message.", sender=ANNA, subject="Re: Tavaszi", more="Auto-Submitted: auto-replied\n"), "autoreply", [ANNA]),
    "Hungarian away": (notice("Szabadságon vagyok március 10-ig, a leveleket nem tudom fogadni.", sender=f"Anna <{ANNA}>", subject="Automatikus válasz: Tavaszi"), "autoreply", [ANNA]),
    "Romanian away": (notice("Sunt în concediu.", sender=ANNA, subject="Răspuns automat: Noutăți"), "autoreply", [ANNA]),
    "German away": (notice("Ich bin nicht im Büro. In dringenden Fällen: chef@teszt.example", sender=ANNA, subject="Abwesenheitsnotiz: Neuigkeiten", more="X-Auto-Response-Suppress: All\n"), "autoreply", [ANNA]),
    "vacation": (notice("I'm out. Your mail regarding \"User unknown\" will be read.", sender=ANNA, subject="Out of Office", more="Precedence: auto_reply\nX-Autoreply: yes\n"), "autoreply", [ANNA]),
    "challenge": (notice("Please click to confirm that you are human; until then your message is not delivered.", sender=ANNA, subject="Re: Tavaszi [challenge-response]", more="Auto-Submitted: auto-replied\n"), "autoreply", [ANNA]),
    "answer of a person": (notice("Thanks! By the way my friend bela@posta.example says your mail was rejected.", sender=ANNA, subject="Re: Tavaszi", more="In-Reply-To: <1@kiado.example>\n").replace(b"Return-Path: <>\n", b""), "none", []),
    "answer about a bounce": (notice("> The following address failed:\n>  bela@posta.example\n\nWhat is this?", sender=ANNA, subject="Re: Undelivered Mail Returned to Sender", more="In-Reply-To: <1@kiado.example>\n").replace(b"Return-Path: <>\n", b""), "none", []),
    "newsletter": (LETTER.encode(), "none", []),
    "nothing": (b"", "none", []),
}  # fmt: skip
