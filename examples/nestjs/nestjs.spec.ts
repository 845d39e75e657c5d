import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Broker, CustomMessageBroker, MemoryMessageBroker, message, WaterMillError } from 'watermill';
import { AlarmsModule, files } from './alarms.module.js';
import { Limits } from './limits.module.js';
import { Alarm, Reading } from './messages.js';
import { MillRunner } from './mill-runner.js';

const start = (broker: Broker): Promise<INestApplicationContext> =>
  NestFactory.createApplicationContext(AlarmsModule.forBroker(broker), { logger: false, abortOnError: false });
const reading = (second: number, celsius: number): Reading =>
  message(Reading, { at: new Date(second * 1000), sensor: 'boiler', celsius });

describe('a mill in NestJS', () => {
  it('has its process made by Nest, and writes the expected file', async () => {
    const out = mkdtempSync(path.join(tmpdir(), 'watermill-nestjs-'));
    try {
      const app = await start(files(path.join(__dirname, 'samples'), out));
      expect(await app.get(MillRunner).report).toMatchObject({ ended: 'master ended' });
      await app.close();
      const written = (folder: string): string => readFileSync(path.join(folder, 'alarms.ndjson'), 'utf8');
      expect(written(out)).toBe(written(path.join(__dirname, 'expected')));
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });

  it('is stopped by app.close(), which waits for the call in progress before it closes what the call uses', async () => {
    const alarms: Alarm[] = [];
    const events: string[] = [];
    const broker = new CustomMessageBroker({
      sources: [[Reading, endless]],
      sinks: [[Alarm, (alarm) => void alarms.push(alarm)]],
    });
    const app = await start(broker);
    const limits = app.get(Limits, { strict: false });
    let open = (): void => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const called = new Promise<void>((resolve) => {
      limits.celsius = async () => {
        resolve();
        await gate;
        events.push(limits.isOpen ? 'called, limits open' : 'called, limits closed');
        return 80;
      };
    });
    await called;
    const closed = app.close().then(() => events.push(limits.isOpen ? 'limits open' : 'limits closed'));
    const report = app.get(MillRunner).report;
    open();
    await closed;
    expect(await report).toMatchObject({ ended: 'stopped' });
    expect(events.slice(-2)).toEqual(['called, limits open', 'limits closed']);
    expect(alarms.length).toBeGreaterThan(0);
  });

  it('reports a run that fails, and leaves the exit code of a failure', async () => {
    const before = process.exitCode;
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    try {
      const app = await start(new MemoryMessageBroker([[Reading, [{ ...reading(1, 20), celsius: 'hot' as any }]]]));
      expect(await app.get(MillRunner).report).toBeUndefined();
      expect(process.exitCode).toBe(1);
      expect(errors.mock.calls[0]?.[0]).toBeInstanceOf(WaterMillError);
      await app.close();
    } finally {
      process.exitCode = before;
      errors.mockRestore();
    }
  });
});

async function* endless(): AsyncGenerator<Reading> {
  for (let second = 0; ; second++) yield reading(second, 90);
}
