"""Runs programs on the cluster as if they were local, through pymesos.subprocess, and says as JSON what came back.

On Python 3 the package writes text to a pipe that wants bytes. It stays as it is: only here its module sees an `os.write` that takes both.
"""
import json
import os
import sys
import types

import pymesos.subprocess as subprocess
import pymesos.subprocess.popen as popen
from pymesos.subprocess.scheduler import CONFIG

os.environ['MESOS_MASTER'] = sys.argv[1]
CONFIG.update(default_cpus=0.1, default_mem=32)
popen.os = types.ModuleType('os')
popen.os.__dict__.update(vars(os), write=lambda fd, data: os.write(fd, data.encode() if isinstance(data, str) else data))

with open(os.devnull, 'rb') as nothing:
    output = subprocess.check_output(['sh', '-c', 'echo to be; echo or not; echo noise >&2'], stdin=nothing)
    status = subprocess.call(['sh', '-c', 'exit 3'], stdin=nothing)
    sleeper = subprocess.Popen(['sh', '-c', 'echo up; exec sleep 1000'], stdin=nothing, stdout=subprocess.PIPE)
    sleeper.stdout.readline()
    sleeper.terminate()
    ended = sleeper.wait()

print(json.dumps({'output': output.decode(), 'status': status, 'ended': ended}), flush=True)
