"""A custom executor on pymesos' executor driver. A task whose data is `finish` ends at once, any other when it is killed; messages are echoed."""
from pymesos import Executor, MesosExecutorDriver, decode_data, encode_data


class Echo(Executor):
    def registered(self, driver, executor_info, framework_info, agent_info):
        self.agent_id = agent_info['id']

    def report(self, driver, task_id, state, data=None):
        status = {'task_id': task_id, 'agent_id': self.agent_id, 'state': state}
        if data is not None:
            status['data'] = encode_data(data.encode())
        driver.sendStatusUpdate(status)

    def launchTask(self, driver, task):
        order = decode_data(task['data']).decode()
        self.report(driver, task['task_id'], 'TASK_RUNNING')
        if order == 'finish':
            self.report(driver, task['task_id'], 'TASK_FINISHED', data='done')

    def killTask(self, driver, task_id):
        self.report(driver, task_id, 'TASK_KILLED')

    def frameworkMessage(self, driver, message):
        driver.sendFrameworkMessage(encode_data(b'echo ' + decode_data(message)))


MesosExecutorDriver(Echo()).run()
