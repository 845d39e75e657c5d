import { Field, Message, message, processFunction, WaterMill } from '../../dist/index.mjs';
import { explore } from '../../dist/testing/index.mjs';

class Item {}
Field(() => Number)(Item.prototype, 'time');
Message()(Item);

const fail = async (time) => {
  await null;
  if (time === 3) throw new Error('no luck');
};
const process_ = processFunction(Item, { emits: [Item] }, ({ time }) => {
  void fail(time);
  return message(Item, { time });
});
const inputs = [[Item, [1, 2, 3, 4].map((time) => ({ time }))]];

const told = [];
const listener = (reason) => told.push(reason.message);
process.on('unhandledRejection', listener);
process.once('uncaughtException', listener);
await explore((broker) => new WaterMill({ process: process_, broker }), { inputs }).catch(({ details }) => {
  console.log(details.kind, details.elements, details.likely);
});
void fail(3);
setImmediate(() => {
  throw new Error('no more luck');
});
await new Promise(setImmediate);
console.log(told.join(), process.listenerCount('uncaughtException'));
