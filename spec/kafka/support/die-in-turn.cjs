// Has a worker die before or after a call that writes or commits: at the one that is its turn.
const { KafkajsMember } = require('../../../build/modules/dist/brokers/kafka/kafkajs/member.js');
const { KafkajsProducer } = require('../../../build/modules/dist/brokers/kafka/kafkajs/producer.js');

module.exports.dieInTurn = (turn) => {
  let calls = 0;
  const die = () => {
    if (++calls === turn) process.kill(process.pid, 'SIGKILL');
  };
  for (const [owner, name] of [
    [KafkajsProducer, 'send'],
    [KafkajsProducer, 'commit'],
    [KafkajsMember, 'commit'],
  ]) {
    const real = owner.prototype[name];
    owner.prototype[name] = async function (...args) {
      die();
      const given = await real.apply(this, args);
      die();
      return given;
    };
  }
};
