import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AlarmsModule } from './alarms.module.js';
import { MillRunner } from './mill-runner.js';

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AlarmsModule.forBroker(), { logger: ['error', 'warn'] });
  // SIGTERM and SIGINT close the application, and so stop the mill.
  app.enableShutdownHooks();
  const report = await app.get(MillRunner).report;
  if (report !== undefined) console.log(`${report}`);
  await app.close();
}

void main();
