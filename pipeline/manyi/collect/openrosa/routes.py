"""The addresses that ODK Collect asks: list of forms, form, manifest, submission."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from manyi.collect.collection import LONGEST, Collection
from manyi.collect.openrosa import replies
from manyi.collect.openrosa.authentication import Authentication, Login
from manyi.collect.openrosa.collectors import COLLECTORS, Collector, Collectors
from manyi.collect.openrosa.submission import read_instance
from manyi.collect.openrosa.xforms import xforms
from manyi.collect.store import Outcome, Standing, StoreUnavailable
from manyi_instruments.faults import AnswersFaulty, Fault

XML_PART = "xml_submission_file"
#: Parts of a request beside the answers: told names of attachments, whether more are to come.
_PARTS = 20

Endpoint = Callable[[Request], Awaitable[Response]]
Answering = Callable[[Request, Collector], Awaitable[Response]]


def routes(collection: Collection) -> list[Route]:
    """Return the addresses of OpenRosa, to be mounted under a path of their own (``/odk``).

    ``formList``, ``forms/ROLE.xml``, ``forms/ROLE/manifest``, ``submission``, each also below ``key/TOKEN``,
    where the token stands for name and password.

    Parameters
    ----------
    collection : Collection
        What is asked, and where answers go.

    Raises
    ------
    ManyiError
        Where a form cannot be made, see :func:`~manyi.collect.openrosa.xforms.xforms`.
    """
    server = _OpenRosa(collection)
    paths: list[tuple[str, Answering, list[str]]] = [
        ("/formList", server.list_forms, ["GET"]),
        ("/forms/{role}.xml", server.form, ["GET"]),
        ("/forms/{role}/manifest", server.manifest, ["GET"]),
        ("/submission", server.submission, ["HEAD", "POST"]),
    ]
    return [
        Route(f"{key}{path}", server.for_collectors(answer), methods=methods)
        for key in ("", "/key/{token}")
        for path, answer, methods in paths
    ]


class _OpenRosa:
    """The answers to the requests."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.forms = dict(xforms(collection))
        self.collectors = Collectors(collection.study.path / COLLECTORS)
        self.authentication = Authentication(self.collectors)

    def for_collectors(self, answer: Answering) -> Endpoint:
        """Return an endpoint that answers those who have an account."""

        async def endpoint(request: Request) -> Response:
            login = self.login(request)
            if login.collector is not None:
                return await answer(request, login.collector)
            refusal = replies.message(401, self.words(request, "login"))
            if "token" not in request.path_params:
                for challenge in self.authentication.challenges(login.stale):
                    refusal.headers.append("WWW-Authenticate", challenge)
            return refusal

        return endpoint

    def login(self, request: Request) -> Login:
        """Return whose a request is."""
        if "token" in request.path_params:
            return Login(self.collectors.of_token(request.path_params["token"]))
        sent = request.scope.get("raw_path") or request.scope["path"].encode()
        path = sent.decode("ascii", "replace").partition("?")[0]
        query = request.scope["query_string"].decode("ascii", "replace")
        return self.authentication.login(request.headers.get("authorization"), request.method, path, query)

    def words(self, request: Request, key: str, **details: object) -> str:
        """Return a wording in the language of the phone."""
        return replies.wordings()[key][self.language(request)].format_map(details)

    def language(self, request: Request) -> str:
        accepted = request.headers.get("accept-language", "")
        return replies.chosen_language(accepted, self.collection.study.definition.language)

    async def list_forms(self, request: Request, collector: Collector) -> Response:
        wanted = request.query_params.get("formID")
        shown = {role: form for role, form in self.forms.items() if wanted in (None, role)}
        return replies.form_list(shown, str(request.url.replace(query="")).rpartition("/")[0])

    async def form(self, request: Request, collector: Collector) -> Response:
        form = self.forms.get(request.path_params["role"])
        if form is None:
            return replies.message(404, self.words(request, "no_form"))
        return replies.form_content(form)

    async def manifest(self, request: Request, collector: Collector) -> Response:
        if request.path_params["role"] not in self.forms:
            return replies.message(404, self.words(request, "no_form"))
        return replies.manifest()

    async def submission(self, request: Request, collector: Collector) -> Response:
        """Take one filled-in form in."""
        if request.method == "HEAD":
            here = str(request.url.replace(query=""))
            return Response(status_code=204, headers={**replies.HEADERS, "Location": here})
        body = await _body(request, replies.MOST_REQUEST)
        if body is None:
            return replies.message(413, self.words(request, "too_large", most=replies.MOST_REQUEST))
        xml, others = await _parts(request, body)
        if xml is None:
            return replies.message(400, self.words(request, "not_multipart"))
        if others:
            return replies.message(400, self.words(request, "attachment", name=others[0][:LONGEST]))
        try:
            instance = read_instance(xml, self.collection)
        except AnswersFaulty as error:
            return replies.message(400, error.faults[0].message(self.language(request)))
        school = collector.school or instance.school
        submission, faults = self.collection.submission(
            instance.id, instance.role, instance.payload, school, collector.group
        )
        try:
            outcome = await self.collection.writer.take_in(submission)
        except StoreUnavailable as error:
            again = {"Retry-After": str(error.retry_after)}
            return replies.message(503, self.words(request, "unavailable"), headers=again)
        return self.reply(request, outcome, faults)

    def reply(self, request: Request, outcome: Outcome, faults: tuple[Fault, ...]) -> Response:
        """Tell what became of a submission: 201 and 202 let the app forget it."""
        receipt = outcome.receipt
        match outcome.standing:
            case Standing.accepted | Standing.repeated:
                return replies.message(201, self.words(request, "received", receipt=receipt), good=True)
            case Standing.conflict:
                return replies.message(409, self.words(request, "conflict"))
            case Standing.withdrawn:
                return replies.message(202, self.words(request, "withdrawn"), good=True)
            case _:
                language = self.language(request)
                reason = faults[0].what(language) if faults else self.words(request, "other_form")
                told = self.words(request, "aside", reason=reason, receipt=receipt)
                return replies.message(202, told, good=True)


async def _body(request: Request, most: int) -> bytes | None:
    """Return the body of a request, None where it is larger than allowed, told or not."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > most:
        return None
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) > most:
            return None
    return bytes(held)


async def _parts(request: Request, body: bytes) -> tuple[bytes | None, list[str]]:
    """Return the answers of a request and the names of its attachments.

    OpenRosa's apps send multipart; scripts may send the XML by itself.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("text/xml", "application/xml"):
        return body, []

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield body
        yield b""

    try:
        parser = MultiPartParser(
            request.headers, pieces(), max_files=_PARTS, max_fields=_PARTS, max_part_size=len(body) + 1
        )
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError):
        return None, []
    try:
        found: bytes | None = None
        others: list[str] = []
        for name, part in form.multi_items():
            if name == XML_PART and found is None:
                found = await part.read() if isinstance(part, UploadFile) else part.encode()
            elif isinstance(part, UploadFile):
                others.append(part.filename or name)
        return found, others
    finally:
        await form.close()
