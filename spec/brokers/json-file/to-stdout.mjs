// A mill that doubles: node to-stdout.mjs INPUT OUTPUT, and `csv` for an output of CSV. What goes wrong stands on stderr, and the exit code is 1.
import 'reflect-metadata';
import { csv, Field, JsonFileMessageBroker, Message, message, processFunction, WaterMill } from 'watermill';

class Source {}
Field(() => Number)(Source.prototype, 'n');
Message({ name: 'Source' })(Source);

class Double {}
Field(() => Number)(Double.prototype, 'n');
Message({ name: 'Double' })(Double);

const [, , input, output, format] = process.argv;
const double = processFunction(Source, { emits: [Double] }, ({ n }) => message(Double, { n: 2 * n }));
const broker = new JsonFileMessageBroker([
  [Source, input],
  [Double, output, format === 'csv' ? { format: csv() } : {}],
]);
await new WaterMill({ process: double, broker }).run().catch((error) => {
  process.stderr.write(`${error.code} ${error.message}\n`);
  process.exitCode = 1;
});
