"""Runs one handler in a process of its own: takes events from the Runtime API of Lambda and answers them."""
import importlib
import json
import os
import sys
import time
import traceback
import urllib.error
import urllib.request

API = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def request(path, body=None):
    return DIRECT.open(urllib.request.Request(API + path, data=body, method="GET" if body is None else "POST"))


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        print(message)


def described(kind, message, trace=()):
    return json.dumps({"errorType": kind, "errorMessage": message, "stackTrace": list(trace)}).encode()


def load():
    module_name, _, name = os.environ["_HANDLER"].rpartition(".")
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        return None, described("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except BaseException as error:
        return None, described(type(error).__name__, str(error), traceback.format_exc().splitlines())
    if not hasattr(module, name):
        text = f"Handler '{name}' missing on module '{module_name}'"
        return None, described("Runtime.HandlerNotFound", text)
    return getattr(module, name), None


def answer(handler, event, context):
    """The end of the address to answer to, and the body."""
    try:
        result = handler(json.loads(event), context)
    except Exception as error:
        trace = [text for text in traceback.format_tb(error.__traceback__)[1:]]
        print("[ERROR] " + "".join(traceback.format_exception_only(type(error), error)).strip())
        return "error", described(type(error).__name__, str(error), trace)
    try:
        return "response", json.dumps(result).encode()
    except (TypeError, ValueError) as error:
        return "error", described("Runtime.MarshalError", f"Unable to marshal response: {error}")


def main():
    handler, refused = load()
    if handler is None:
        request("/init/error", refused).read()
        sys.exit(1)
    while True:
        with request("/invocation/next") as response:
            context = Context(response.headers)
            event = response.read()
        end, body = answer(handler, event, context)
        sys.stdout.flush()
        sys.stderr.flush()
        request(f"/invocation/{context.aws_request_id}/{end}", body).read()


try:
    main()
except urllib.error.URLError:
    sys.exit(1)  # whoever gave it events has ended
