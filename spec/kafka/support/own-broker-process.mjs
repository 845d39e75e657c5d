// A broker of one test, which may do anything to it: a process that takes commands, and ends with whoever started it.
import { beginJava, startJava, stopBroker } from '../../../scripts/kafka-broker.mjs';

let broker = await startJava();

const commands = {
  kill: () => process.kill(broker.pid, 'SIGKILL'),
  begin: async () => {
    broker = await beginJava(broker);
  },
  pause: () => process.kill(broker.pid, 'SIGSTOP'),
  continue: () => process.kill(broker.pid, 'SIGCONT'),
};

process.on('message', async (command) => {
  await commands[command]();
  process.send(command);
});
process.on('disconnect', async () => {
  await stopBroker(broker);
  process.exit(0);
});
process.send(broker.address);
