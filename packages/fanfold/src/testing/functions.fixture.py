"""Handlers in Python that tests run. Each shows one way in which a function behaves or misbehaves."""
import decimal
import json
import logging
import os
import sys
import time

instance = time.time_ns()


class BadRow(Exception):
    pass


def echo(event, context):
    return event


def describe_context(event, context):
    return {
        "name": context.function_name,
        "arn": context.invoked_function_arn,
        "id": context.aws_request_id,
        "key": context.idempotency_key,
        "memory": context.memory_limit_in_mb,
        "remaining": context.get_remaining_time_in_millis(),
    }


def environment(event, context):
    return dict(os.environ)


def who_am_i(event, context):
    time.sleep(event.get("seconds", 0))
    return instance


def throws(event, context):
    raise BadRow("row 3")


def writes(event, context):
    print("one")
    print("wrong", file=sys.stderr)
    logging.getLogger().warning("careful")
    print("secret", os.environ.get("PASSWORD"))
    sys.stdout.write("no line end")


def no_json(event, context):
    return {1, 2}


def in_bytes(event, context):
    return b'{"text": "as it is"}'


def decimals(event, context):
    return {"price": decimal.Decimal("1.50"), "count": decimal.Decimal("3")}


def sleeps(event, context):
    time.sleep(event["seconds"])


def exits(event, context):
    os._exit(event["code"])


def grows(event, context):
    kept = [bytearray(os.urandom(1)) * (8 * 2**20) for _ in range(64)]
    time.sleep(5)
    return len(kept)


def clients(event, context):
    import boto3

    names = ["s3", "dynamodb", "sqs", "sns", "stepfunctions", "ses", "lambda"]
    return {name: boto3.client(name).meta.endpoint_url for name in names}
