"""Where Stripe tells us that something changed. Nobody signs in here: the signature on the body is the proof."""

from flask import abort, request
from werkzeug.wrappers import Response

from app.payments.stripe import connection, service
from app.payments.stripe.views import blueprint
from app.web.guards import public
from app.web.security import csrf

MOST_BYTES = 256 * 1024


@blueprint.post("/stripe/webhook")
@public
@csrf.exempt
def webhook() -> Response:
    """Store a hint and answer at once; what it is about is read by a job."""
    request.max_content_length = MOST_BYTES
    if (request.content_length or 0) > MOST_BYTES:
        abort(413)
    connection.get()
    try:
        service.receive(request.get_data(cache=False), request.headers.get("Stripe-Signature", ""))
    except service.BadHint as bad:
        return Response(f"Not taken: {bad.reason}.\n", 400, mimetype="text/plain")
    return Response("Thank you.\n", mimetype="text/plain")
