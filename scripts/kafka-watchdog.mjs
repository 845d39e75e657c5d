// Stops a broker when the process that started it has ended, in whatever way: then its end of our input closes.
import { stopBroker } from './kafka-broker.mjs';

const broker = JSON.parse(process.argv[2]);
process.stdin.resume();
process.stdin.on('end', () => void stopBroker(broker));
