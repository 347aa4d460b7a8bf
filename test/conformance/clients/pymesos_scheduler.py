"""Runs tasks through pymesos' scheduler driver and says on stdout, one JSON object a line, what the driver tells it.

usage: pymesos_scheduler.py MASTER SPEC

SPEC is JSON: {"name": ..., "tasks": [{"id": ..., "command": ..., "executor": ..., "data": ..., "say": ..., "kill": ...}]}
  executor  shell command of a custom executor, in place of the task's own command
  data      text for the executor
  say       text sent to the executor as a message when the task runs
  kill      whether the task is killed when it runs
It ends when every task has come to its end.
"""
import json
import sys
import threading

from pymesos import MesosSchedulerDriver, Scheduler, decode_data, encode_data

TERMINAL = {'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE'}
CPUS, MEM = 0.1, 32
EXECUTOR = 'executor'


def tell(event, **more):
    print(json.dumps(dict(more, event=event)), flush=True)


def scalar(name, value):
    return {'name': name, 'type': 'SCALAR', 'scalar': {'value': value}}


def amount(offer, name):
    return sum(r['scalar']['value'] for r in offer['resources'] if r['name'] == name and r['type'] == 'SCALAR')


class TaskRunner(Scheduler):
    def __init__(self, tasks):
        self.waiting = list(tasks)
        self.tasks = {task['id']: task for task in tasks}
        self.open = set(self.tasks)
        self.done = threading.Event()

    def registered(self, driver, framework_id, master_info):
        tell('registered', framework=framework_id['value'], version=master_info['version'])

    def reregistered(self, driver, master_info):
        tell('reregistered')
        driver.reconcileTasks([])

    def disconnected(self, driver):
        tell('disconnected')

    def resourceOffers(self, driver, offers):
        for offer in offers:
            count = min(len(self.waiting), int(amount(offer, 'cpus') / (2 * CPUS)), int(amount(offer, 'mem') / (2 * MEM)))
            chosen, self.waiting = self.waiting[:count], self.waiting[count:]
            driver.launchTasks(offer['id'], [self.task_info(task, offer) for task in chosen], {'refuse_seconds': 1})
        if not self.waiting:
            driver.suppressOffers()

    def task_info(self, task, offer):
        info = {
            'task_id': {'value': task['id']},
            'name': task['id'],
            'agent_id': offer['agent_id'],
            'resources': [scalar('cpus', CPUS), scalar('mem', MEM)],
        }
        if 'executor' in task:
            info['executor'] = {
                'executor_id': {'value': EXECUTOR},
                'framework_id': offer['framework_id'],
                'command': {'value': task['executor']},
                'resources': [scalar('cpus', CPUS), scalar('mem', MEM)],
            }
            info['data'] = encode_data(task.get('data', '').encode())
        else:
            info['command'] = {'value': task['command']}
        return info

    def statusUpdate(self, driver, status):
        task_id, state = status['task_id']['value'], status['state']
        data = decode_data(status['data']).decode() if status.get('data') else None
        tell('update', task=task_id, state=state, reason=status.get('reason'), source=status.get('source'), uuid=status.get('uuid'), data=data)
        task = self.tasks.get(task_id, {})
        if state == 'TASK_RUNNING' and task.get('kill'):
            driver.killTask(status['task_id'])
        if state == 'TASK_RUNNING' and 'say' in task:
            driver.sendFrameworkMessage({'value': EXECUTOR}, status['agent_id'], encode_data(task['say'].encode()))
        if state in TERMINAL:
            self.open.discard(task_id)
        if not self.open:
            self.done.set()

    def frameworkMessage(self, driver, executor_id, agent_id, message):
        tell('message', executor=executor_id['value'], text=decode_data(message).decode())

    def executorLost(self, driver, executor_id, agent_id, status):
        tell('executor lost', executor=executor_id['value'], status=status)

    def slaveLost(self, driver, agent_id):
        tell('agent lost')

    def error(self, driver, message):
        tell('error', text=message)
        self.done.set()


def main():
    spec = json.loads(sys.argv[2])
    framework = {'user': 'root', 'name': spec['name'], 'failover_timeout': 120, 'checkpoint': True}
    runner = TaskRunner(spec['tasks'])
    driver = MesosSchedulerDriver(runner, framework, sys.argv[1])
    driver.start()
    while not runner.done.wait(0.2):
        if driver.aborted:
            sys.exit('the driver gave up')
    driver.stop()
    driver.join()
    tell('stopped')


main()
