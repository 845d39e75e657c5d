// What the workers of crash tests have in common: what they are told, their classes, and how they end. Over the built package.
require('reflect-metadata');
const { Field, Message } = require('../../build/modules/dist/index.js');

/** What `startWorker`, or `MillProcess`, was given. */
const life = JSON.parse(process.env.WATERMILL_LIFE ?? process.argv[2]);

class Order {}
Field(() => Number)(Order.prototype, 'time');
Field(() => String)(Order.prototype, 'id');
Message({ name: 'Order' })(Order);
class Price {}
Field(() => Number)(Price.prototype, 'time');
Field(() => Number)(Price.prototype, 'amount');
Message({ name: 'Price' })(Price);
class Sale {}
Field(() => String)(Sale.prototype, 'id');
Field(() => Number)(Sale.prototype, 'amount');
Message({ name: 'Sale' })(Sale);

/** Every tenth call takes a while. */
async function pause({ time }) {
  if (time % 10 === 0) await new Promise((resolve) => setTimeout(resolve, life.pauseMs));
}

/** Runs a mill to its end, says how many elements of its master it has read, and ends the process. */
function live(mill) {
  mill.run().then(
    ({ nodes }) => process.stdout.write(JSON.stringify({ read: nodes[0].read }), () => process.exit(0)),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}

module.exports = { life, live, pause, Order, Price, Sale };
