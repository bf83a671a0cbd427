"""Runs a Python handler behind AWS Lambda's runtime API. Nothing but the standard library is needed.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""
import decimal
import http.client
import importlib
import importlib.abc
import importlib.util
import json
import logging
import os
import stat
import sys
import threading
import time
import traceback
import urllib.parse

ADDRESS = os.environ["AWS_LAMBDA_RUNTIME_API"]
PREFIX = "/2018-06-01/runtime/"


def call(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(ADDRESS)
    try:
        connection.request(method, PREFIX + path, body, headers or {})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


class Failure(Exception):
    """What is wrong with the module or its result rather than with the handler."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.kind = kind
        self.trace = list(trace)


class Identity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """As AWS Lambda's own for Python."""

    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.idempotency_key = urllib.parse.unquote(headers.get("Fanfold-Idempotency-Key", ""))
        self.identity = Identity()
        self.client_context = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


def load(handler):
    if "." not in handler:
        raise Failure("Runtime.MalformedHandlerName", f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)")
    module_name, function_name = handler.rsplit(".", 1)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Failure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", trace) from error
    function = getattr(module, function_name, None)
    if function is None:
        raise Failure("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")
    return function


def describe(error, request_id):
    if isinstance(error, Failure):
        kind, trace = error.kind, error.trace
    else:
        kind = type(error).__name__
        # The first line of the trace is this file's call of the handler.
        trace = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
    described = {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}
    shown = f"[ERROR] {kind}: {error}" if str(error) else f"[ERROR] {kind}"
    print("\n".join([shown, *(["Traceback (most recent call last):"] + [line.rstrip("\n") for line in trace] if trace else [])]))
    return json.dumps(described), {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": kind}


def number_of(value):
    """Tables give numbers as decimals, and a function may return what it read."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def written(result):
    if isinstance(result, bytes):
        return result
    try:
        return json.dumps(result, ensure_ascii=False, default=number_of).encode()
    except (TypeError, ValueError) as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


class Endpoint(importlib.abc.MetaPathFinder):
    """Gives botocore the endpoint of the environment where it does not look for it itself, as before its version 1.31."""

    def find_spec(self, name, path, target=None):
        if name != "botocore.session":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_set(module):
            execute(module)
            set_endpoint(module.Session)

        spec.loader.exec_module = execute_and_set
        return spec


def set_endpoint(session):
    create = session.create_client

    def create_client(self, service_name, region_name=None, api_version=None, use_ssl=True, verify=None, endpoint_url=None, **others):
        own = os.environ.get("AWS_ENDPOINT_URL_" + service_name.upper().replace("-", "_").replace(" ", "_"))
        endpoint_url = endpoint_url or own or os.environ.get("AWS_ENDPOINT_URL")
        return create(self, service_name, region_name, api_version, use_ssl, verify, endpoint_url, **others)

    session.create_client = create_client


class LogHandler(logging.StreamHandler):
    request_id = ""

    def format(self, record):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = super().format(record)
        return f"[{record.levelname}]\t{at}.{int(record.msecs):03d}Z\t{LogHandler.request_id}\t{text}"


def end_with_engine():
    """Where standard input is a pipe, the engine holds it: once it is gone nobody waits for this process."""
    kind = os.fstat(0).st_mode
    if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
        os.read(0, 1)
        os._exit(1)


def main():
    threading.Thread(target=end_with_engine, daemon=True).start()
    sys.stdout.reconfigure(line_buffering=True)
    sys.meta_path.insert(0, Endpoint())
    sys.path.insert(0, os.getcwd())
    logging.getLogger().addHandler(LogHandler(sys.stdout))
    try:
        handler = load(os.environ["_HANDLER"])
    except BaseException as error:
        body, headers = describe(error, "")
        call("POST", "init/error", body, headers)
        sys.exit(1)
    while True:
        answer, event = call("GET", "invocation/next")
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        LogHandler.request_id = request_id
        os.environ["_X_AMZN_TRACE_ID"] = answer.headers.get("Lambda-Runtime-Trace-Id", "")
        try:
            body, headers, path = written(handler(json.loads(event), Context(answer.headers))), {"Content-Type": "application/json"}, "response"
        except Exception as error:
            (body, headers), path = describe(error, request_id), "error"
        sys.stdout.flush()
        sys.stderr.flush()
        call("POST", f"invocation/{request_id}/{path}", body, headers)


if __name__ == "__main__":
    main()
