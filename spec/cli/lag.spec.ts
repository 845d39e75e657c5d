import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { MemoryMessageBroker, WaterMill } from 'watermill';
import { Order, orders, Price, sell } from '../mill/support/model.js';
import { endServed, serve } from '../service/serve.js';
import { endRuns, Run } from '../support/run.js';
import { fixture, main, Workspace } from './workspace.js';

describe('watermill lag', () => {
  afterEach(endServed);
  afterEach(endRuns);

  it('asks a running service', async () => {
    const broker = new MemoryMessageBroker([[Order], [Price]]);
    const mill = new WaterMill({ process: sell, broker });
    const served = serve(mill);
    broker.push(Order, ...orders(1, 2));
    const run = new Run(spawn(process.execPath, [main, 'lag', await served.url]));
    expect(await run.ended).toBe(0);
    expect(run.output).toBe('Order (Order): not known\nPrice (Price): not known\n');
    await mill.stop();
    await served.ended;
  });

  it('gives up after ten seconds if what listens there never answers', async () => {
    const silent = createServer().listen(0, '127.0.0.1').unref();
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const run = new Run(spawn(process.execPath, [main, 'lag', `http://127.0.0.1:${port}`]));
    expect(await run.ended).toBe(2);
    expect(run.output).toMatch(/\/progress does not answer: .*timeout\. Name the port of runService/);
    silent.close();
  });

  it('reports what to do if nothing answers, or if the broker cannot tell', () => {
    const workspace = new Workspace();
    const nobody = workspace.run('lag', 'http://127.0.0.1:1');
    expect([nobody.exitCode, nobody.stderr]).toEqual([
      2,
      expect.stringContaining('http://127.0.0.1:1/progress does not answer'),
    ]);
    expect(nobody.stderr).toContain('does not answer: bad port.');
    const address = workspace.run('lag', 'http://127.0.0.1:99999');
    expect([address.exitCode, address.stderr]).toEqual([2, expect.stringContaining('is not an address')]);
    const hostless = workspace.run('lag', 'https://');
    expect([hostless.exitCode, hostless.stderr]).toEqual([2, expect.stringContaining('https:// is not an address')]);
    const bare = workspace.run('lag', 'localhost:8080');
    expect([bare.exitCode, bare.stderr]).toEqual([
      2,
      expect.stringContaining('or the address of a service: http://localhost:8080.'),
    ]);
    const files = workspace.run('lag', fixture('mill.cjs'));
    expect(files.stderr).toContain(
      'JsonFileMessageBroker does not show the progress of a mill from outside. Run the mill as a service',
    );
    expect(files.exitCode).toBe(2);
    workspace.remove();
  });
});
