/** The files of a project created by `init`, by their paths: orders with the latest price, from files, with a test. */
export function starterFiles(name: string, watermill: string): ReadonlyMap<string, string> {
  return new Map([
    ['package.json', manifest(name, watermill)],
    ['tsconfig.json', tsconfig],
    ['.gitignore', 'node_modules\ndist\nout\n'],
    ['data/orders.ndjson', orders],
    ['data/prices.ndjson', prices],
    ['src/messages.ts', messages],
    ['src/sales.ts', process],
    ['src/mill.ts', mill],
    ['src/main.ts', main],
    ['src/sales.test.ts', test],
  ]);
}

/** A line of a module. Written literally, it would look like an import of this one. */
function imported(what: string, from: string): string {
  return `import ${what === '' ? '' : `${what} from `}'${from}';`;
}

function manifest(name: string, watermill: string): string {
  const content = {
    name,
    version: '1.0.0',
    private: true,
    type: 'module',
    scripts: {
      build: 'tsc',
      prestart: 'tsc',
      start: 'node dist/main.js',
      pretest: 'tsc',
      test: 'node --test dist/sales.test.js',
      explain: 'watermill explain dist/mill.js',
    },
    dependencies: { 'reflect-metadata': '^0.2.2', tsyringe: '^4.8.0', watermill },
    devDependencies: { '@types/node': '^20.19.0', typescript: '^5.4.0 || ^7.0.0' },
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

const tsconfig = `{
  "compilerOptions": {
    "target": "es2022",
    "lib": ["es2023", "esnext.disposable"],
    "module": "node16",
    "moduleResolution": "node16",
    "types": ["node"],
    "strict": true,
    "skipLibCheck": true,
    "experimentalDecorators": true,
    "emitDecoratorMetadata": true,
    "useDefineForClassFields": false,
    "rootDir": "src",
    "outDir": "dist"
  },
  "include": ["src"]
}
`;

const orders = `{"id":"a","time":1,"pieces":2}
{"id":"b","time":4,"pieces":1}
{"id":"c","time":9,"pieces":5}
`;

const prices = `{"time":1,"amount":10}
{"time":3,"amount":12}
{"time":8,"amount":11}
`;

const messages = `${imported('', 'reflect-metadata')}
${imported('{ Field, Message }', 'watermill')}

@Message()
export class Order {
  @Field() id!: string;
  @Field() time!: number;
  @Field() pieces!: number;
}

@Message()
export class Price {
  @Field() time!: number;
  @Field() amount!: number;
}

@Message()
export class Sale {
  @Field() id!: string;
  @Field() total!: number;
}
`;

const process = `${imported('{ field, joinStreams, joinWith, message, processFunction }', 'watermill')}
${imported('{ Order, Price, Sale }', './messages.js')}

/** Each order with the last price before it. */
const tree = joinStreams(
  Order,
  joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), asOf: 'backward' }),
);

export const sell = processFunction(tree, { emits: [Sale] }, (order, prices) =>
  prices.of(order).map(({ amount }) => message(Sale, { id: order.id, total: amount * order.pieces })),
);
`;

const mill = `${imported('{ type Broker, JsonFileMessageBroker, WaterMill }', 'watermill')}
${imported('{ Order, Price, Sale }', './messages.js')}
${imported('{ sell }', './sales.js')}

const files = new JsonFileMessageBroker([
  [Order, 'data/orders.ndjson'],
  [Price, 'data/prices.ndjson'],
  [Sale, 'out/sales.ndjson'],
]);

/** A mill over other streams, too: npx watermill replay gives it those of a fixture. */
export default function makeMill(broker: Broker = files) {
  return new WaterMill({ process: sell, broker });
}
`;

const main = `${imported('{ readFileSync }', 'node:fs')}
${imported('makeMill', './mill.js')}

const report = await makeMill().run();
console.log(String(report));
console.log(readFileSync('out/sales.ndjson', 'utf8'));
`;

const test = `${imported('assert', 'node:assert/strict')}
${imported('{ test }', 'node:test')}
${imported('{ testMill }', 'watermill/testing')}
${imported('{ Order, Price, Sale }', './messages.js')}
${imported('{ sell }', './sales.js')}

test('an order is sold at the last price before it', async () => {
  const kit = testMill({ process: sell });
  await kit.push(Price, { time: 1, amount: 10 }, { time: 3, amount: 12 });
  await kit.push(Order, { id: 'a', time: 2, pieces: 3 });
  await kit.end();
  assert.deepEqual(kit.results(Sale), [{ id: 'a', total: 30 }]);
});
`;
