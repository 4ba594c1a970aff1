"""CloudFormation and Lambda on this machine, as far as a deployment needs them: they speak the wire protocols that
boto3 speaks, read the template from S3 as AWS does, and fail where a test tells them to."""

from __future__ import annotations

import base64
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import httpx

Template = dict[str, Any]
MOTO = httpx.Client(timeout=20, verify=False)  # one for all: making one reads every certificate there is
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


class Said(Exception):
    """An error as AWS answers it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Made:
    """A stack: its state, and what it will be when nothing is in progress any more."""

    name: str
    status: str = "REVIEW_IN_PROGRESS"
    then: list[str] = field(default_factory=list)
    template: Template = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    change_sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)
    is_protected: bool = False


@dataclass
class Clouds:
    """Both services. `broken` maps logical ids to the reason why CloudFormation cannot make or change them; `replaced`
    are those that it would replace."""

    s3: Any
    stacks: dict[str, Made] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # what runs in each function: the key of its package
    migrations: list[dict[str, str]] = field(default_factory=list)  # what ran where, at each call
    broken: dict[str, str] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    cannot_go_back: bool = False
    migration_error: str | None = None
    bucket_policy: str = ""
    versions: dict[str, list[int]] = field(default_factory=dict)  # of each function; the alias asks the newest
    cannot_delete: bool = False
    concurrency: tuple[int, int] = (1000, 1000)  # of the account: all, and what is reserved by nobody
    calls: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def act(self, action: str, told: dict[str, str]) -> Any:
        """The result of one call of CloudFormation; raises Said."""
        self.calls.append(action)
        return getattr(self, action)(told)

    def _stack(self, told: dict[str, str]) -> Made:
        name = told["StackName"]
        if name not in self.stacks:
            raise Said("ValidationError", f"Stack with id {name} does not exist")
        return self.stacks[name]

    def DescribeStacks(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        stack = self._stack(told)
        if stack.then:
            self._become(stack, stack.then.pop(0))
        outputs = [{"OutputKey": "EndpointURL", "OutputValue": f"https://api.test/{stack.name}/"}]
        return {
            "Stacks": [
                {
                    "StackName": stack.name,
                    "StackStatus": stack.status,
                    "CreationTime": _now(),
                    "EnableTerminationProtection": str(stack.is_protected).lower(),
                    "Outputs": outputs if stack.template else [],
                }
            ]
        }

    def _become(self, stack: Made, status: str) -> None:
        stack.status = status
        self._event(stack, stack.name, status)
        if status == "DELETE_COMPLETE":
            del self.stacks[stack.name]

    def _event(self, stack: Made, what: str, status: str, reason: str = "") -> None:
        kind = stack.template.get("Resources", {}).get(what, {}).get("Type", "AWS::CloudFormation::Stack")
        event = {"LogicalResourceId": what, "ResourceStatus": status, "ResourceType": kind}
        about = {"EventId": str(next(self.numbers)), "StackId": stack.name, "StackName": stack.name}
        stack.events.insert(0, {**event, **about, "Timestamp": _now(), "ResourceStatusReason": reason})

    def CreateChangeSet(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        name, is_new = told["StackName"], told["ChangeSetType"] == "CREATE"
        if is_new and name in self.stacks and self.stacks[name].status != "REVIEW_IN_PROGRESS":
            raise Said("ValidationError", f"Stack {name} already exists")
        stack = self.stacks.setdefault(name, Made(name)) if is_new else self._stack(told)
        arn = f"arn:aws:cloudformation:eu-central-1:123456789012:changeSet/{told['ChangeSetName']}/{next(self.numbers)}"
        parameters = {
            told[f"Parameters.member.{n}.ParameterKey"]: told[f"Parameters.member.{n}.ParameterValue"]
            for n in range(1, 200)
            if f"Parameters.member.{n}.ParameterKey" in told
        }
        template = self._read(told["TemplateURL"])
        changes = self._changes(stack, template)
        is_same = not is_new and not changes and parameters == stack.parameters
        stack.change_sets[arn] = {"template": template, "parameters": parameters, "changes": changes, "same": is_same}
        return {"Id": arn, "StackId": name}

    def _read(self, url: str) -> Template:
        parts = urlsplit(url)
        bucket = parts.netloc.split(".")[0]
        body = self.s3.get_object(Bucket=bucket, Key=parts.path.lstrip("/"))["Body"].read()
        template: Template = json.loads(body)
        return template

    def _changes(self, stack: Made, template: Template) -> list[dict[str, Any]]:
        old, new = stack.template.get("Resources", {}), template["Resources"]
        found = []
        for name in sorted(set(old) | set(new)):
            if old.get(name) == new.get(name):
                continue
            action = "Add" if name not in old else "Remove" if name not in new else "Modify"
            change = {"Action": action, "LogicalResourceId": name, "ResourceType": (new.get(name) or old[name])["Type"]}
            if action == "Modify":
                change["Replacement"] = str(name in self.replaced)
            found.append({"Type": "Resource", "ResourceChange": change})
        return found

    def DescribeChangeSet(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        made = self._stack(told).change_sets[told["ChangeSetName"]]
        if made["same"]:
            return {"Status": "FAILED", "StatusReason": NO_CHANGES}
        page = int(told.get("NextToken", "0"))  # two to a page, so that nobody forgets the second one
        some, more = made["changes"][2 * page : 2 * page + 2], made["changes"][2 * page + 2 :]
        return {"Status": "CREATE_COMPLETE", "Changes": some, **({"NextToken": str(page + 1)} if more else {})}

    def DeleteChangeSet(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        self._stack(told).change_sets.pop(told["ChangeSetName"], None)
        return {}

    def ExecuteChangeSet(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        stack = self._stack(told)
        if told["ChangeSetName"] not in stack.change_sets:
            raise Said("InvalidChangeSetStatus", "ChangeSet is in OBSOLETE state")
        made, is_new = stack.change_sets[told["ChangeSetName"]], not stack.template
        stack.change_sets.clear()
        verb = "CREATE" if is_new else "UPDATE"
        self._become(stack, f"{verb}_IN_PROGRESS")
        before = (stack.template, stack.parameters)
        stack.template, stack.parameters = made["template"], made["parameters"]
        failed = [name for name in self.broken if name in made["template"]["Resources"]]
        for name in failed:
            self._event(stack, name, f"{verb}_FAILED", self.broken[name])
        if failed:
            self._event(stack, "Other", f"{verb}_FAILED", "Resource creation cancelled")
            stack.template, stack.parameters = before
            back = "ROLLBACK" if is_new else "UPDATE_ROLLBACK"
            end = "FAILED" if self.cannot_go_back else "COMPLETE"
            stack.then = [f"{back}_IN_PROGRESS", f"{back}_{end}"]
            return {}
        stack.then = [f"{verb}_IN_PROGRESS", f"{verb}_COMPLETE"]
        for name, resource in stack.template["Resources"].items():
            if resource["Type"] == "AWS::Serverless::Function":
                self.codes[f"{stack.name}-{name}"] = resource["Properties"]["CodeUri"]["Key"]
                published = self.versions.setdefault(f"{stack.name}-{name}", [])
                published.append(max(published, default=0) + 1)
        return {}

    def DescribeStackEvents(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        events = self._stack(told).events
        page = int(told.get("NextToken", "0"))
        more = {"NextToken": str(page + 1)} if events[3 * page + 3 :] else {}
        return {"StackEvents": events[3 * page : 3 * page + 3], **more}

    def DescribeStackResource(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        stack, name = self._stack(told), told["LogicalResourceId"]
        if name not in stack.template.get("Resources", {}):
            raise Said("ValidationError", f"Resource {name} does not exist for stack {stack.name}")
        about = {"LogicalResourceId": name, "ResourceType": "x", "LastUpdatedTimestamp": _now(), "ResourceStatus": "x"}
        physical = f"{stack.name}-{name}"
        if name.endswith("Repository"):
            physical = physical.lower()  # ECR takes no capitals
        return {"StackResourceDetail": {**about, "PhysicalResourceId": physical}}

    def GetTemplate(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        return {"TemplateBody": json.dumps(self._stack(told).template)}

    def UpdateTerminationProtection(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        self._stack(told).is_protected = told["EnableTerminationProtection"] == "true"
        return {"StackId": told["StackName"]}

    def DeleteStack(self, told: dict[str, str]) -> Any:  # noqa: N802 - AWS's name
        stack = self.stacks.get(told["StackName"])
        if stack is not None and stack.is_protected:
            raise Said("ValidationError", "Stack cannot be deleted while TerminationProtection is enabled")
        if stack is not None and stack.status == "REVIEW_IN_PROGRESS":
            del self.stacks[stack.name]
        elif stack is not None:
            failed = [name for name in self.broken if name in stack.template["Resources"]]
            self._become(stack, "DELETE_IN_PROGRESS")
            for name in failed:
                self._event(stack, name, "DELETE_FAILED", self.broken[name])
            stack.then = ["DELETE_FAILED" if failed else "DELETE_COMPLETE"]
        return {}

    def call_lambda(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], Any]:
        """The answer of one call of Lambda: status, headers, body."""
        parts = urlsplit(path)
        name, what = (*unquote(parts.path).split("/")[3:5], "")[:2]
        self.calls.append(f"{method} {what}".rstrip())
        if what in ("versions", "aliases") or method == "DELETE":
            return self._answer_of_versions(method, name, what, parse_qs(parts.query))
        if what == "invocations":
            self.migrations.append({"ran": self.codes[name], **{k: v for k, v in self.codes.items() if k != name}})
            if self.migration_error is not None:
                told = {"errorMessage": self.migration_error, "errorType": "ProgrammingError"}
                return 200, {"X-Amz-Function-Error": "Unhandled"}, told
            return 200, {}, {"applied": ["0018_more"], "current": "0018_more"}
        if what == "code":
            self.codes[name] = json.loads(body)["S3Key"]
        hexadecimal = self.codes[name].split("/")[-1].split(".")[0]
        sha256 = base64.b64encode(bytes.fromhex(hexadecimal)).decode()
        configuration = {
            "FunctionName": name,
            "CodeSha256": sha256,
            "Runtime": "python3.12",
            "Architectures": ["arm64"],
        }
        return 200, {}, {**configuration, "LastUpdateStatus": "Successful", "State": "Active"}

    def _answer_of_versions(
        self, method: str, name: str, what: str, asked: dict[str, list[str]]
    ) -> tuple[int, dict[str, str], Any]:
        published = self.versions[name]
        if method == "DELETE":
            if self.cannot_delete:
                denied = {"x-amzn-ErrorType": "AccessDeniedException"}
                return 403, denied, {"Message": "not authorized to perform: lambda:DeleteFunction"}
            published.remove(int(asked["Qualifier"][0]))
            return 204, {}, None
        if what == "aliases":
            return 200, {}, {"Name": "live", "FunctionVersion": str(published[-1])}
        page = int(asked.get("Marker", ["0"])[0])  # two to a page, as above
        listed = ["$LATEST", *map(str, published)]
        more = {"NextMarker": str(page + 1)} if listed[2 * page + 2 :] else {}
        return 200, {}, {"Versions": [{"Version": each} for each in listed[2 * page : 2 * page + 2]], **more}


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _xml(value: Any) -> str:
    match value:
        case dict():
            return "".join(f"<{key}>{_xml(each)}</{key}>" for key, each in value.items())
        case list():
            return "".join(f"<member>{_xml(each)}</member>" for each in value)
        case _:
            return escape(str(value))


@contextmanager
def serving(clouds: Clouds, moto: str) -> Iterator[str]:
    """`clouds` over HTTP, with the services of `moto` beside them; the address."""
    handler = type("Answers", (Handler,), {"clouds": clouds, "moto": moto})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


class Handler(BaseHTTPRequestHandler):
    """One request of boto3."""

    clouds: Clouds
    moto: str
    protocol_version = "HTTP/1.1"  # boto3 asks before it sends a body, and waits a second where nobody answers
    disable_nagle_algorithm = True

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        asked = {name: values[0] for name, values in parse_qs(body.decode("latin-1"), keep_blank_values=True).items()}
        if self.path.startswith("/2015-03-31/"):
            status, headers, told = self.clouds.call_lambda(self.command, self.path, body)
            self._send(
                status,
                {"Content-Type": "application/json", **headers},
                b"" if told is None else json.dumps(told).encode(),
            )
        elif self.path.startswith("/2016-08-19/account-settings"):
            whole, free = self.clouds.concurrency
            told = {"AccountLimit": {"ConcurrentExecutions": whole, "UnreservedConcurrentExecutions": free}}
            self._send(200, {"Content-Type": "application/json"}, json.dumps(told).encode())
        elif hasattr(self.clouds, asked.get("Action", "")):
            self._answer_cloudformation(asked)
        elif self.command == "PUT" and self.path.endswith("?policy"):
            # moto knows no conditions: a policy that denies what comes without TLS would deny everything there.
            self.clouds.bucket_policy = body.decode()
            self._send(204, {}, b"")
        else:
            self._pass_on(body)

    def _answer_cloudformation(self, asked: dict[str, str]) -> None:
        action = asked["Action"]
        try:
            result = _xml(self.clouds.act(action, asked))
            text = f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
            self._send(200, {"Content-Type": "text/xml"}, text.encode())
        except Said as error:
            told = _xml({"Type": "Sender", "Code": error.code, "Message": str(error)})
            text = f"<ErrorResponse><Error>{told}</Error></ErrorResponse>"
            self._send(400, {"Content-Type": "text/xml"}, text.encode())

    def _pass_on(self, body: bytes) -> None:
        kept = {name: value for name, value in self.headers.items() if name not in {"Connection", "Accept-Encoding"}}
        told = MOTO.request(self.command, self.moto + self.path, content=body, headers=kept)
        dropped = {"content-length", "transfer-encoding", "connection", "server", "date"}
        headers = {name: value for name, value in told.headers.items() if name not in dropped}
        length = told.headers.get("content-length") if self.command == "HEAD" else None
        self._send(told.status_code, headers, told.content, length)

    def _send(self, status: int, headers: dict[str, str], body: bytes, length: str | None = None) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": length or str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Nothing."""


for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
    setattr(Handler, f"do_{method}", Handler.answer)
