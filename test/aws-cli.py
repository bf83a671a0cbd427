"""The AWS CLI, told its commands one by one on standard input: to start it for each takes longer than the commands do.

Each line is the JSON list of a command's arguments, after those of this program; each answer is a line too.
"""
import json
import os
import sys
import tempfile

from awscli.clidriver import create_clidriver


def captured(run):
    """Runs it with the descriptors 1 and 2 in files: some of it writes past sys.stdout."""
    files = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
    kept = [os.dup(1), os.dup(2)]
    for fd, file in enumerate(files, 1):
        os.dup2(file.fileno(), fd)
    try:
        code = run()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for fd, old in enumerate(kept, 1):
            os.dup2(old, fd)
            os.close(old)
    texts = []
    for file in files:
        file.seek(0)
        texts.append(file.read().decode())
    return {"code": code or 0, "stdout": texts[0], "stderr": texts[1]}


for line in sys.stdin:
    arguments = sys.argv[1:] + json.loads(line)
    answer = captured(lambda: create_clidriver().main(arguments))
    print(json.dumps(answer), flush=True)
