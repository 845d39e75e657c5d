import { type DynamicModule, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { type Broker, JsonFileMessageBroker, WaterMill } from 'watermill';
import { LimitsModule } from './limits.module.js';
import { Alarm, Reading } from './messages.js';
import { MillRunner } from './mill-runner.js';
import { Watch } from './watch.js';

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Reading, `${samples}/readings.ndjson`],
    [Alarm, `${out}/alarms.ndjson`],
  ]);
}

@Module({})
export class AlarmsModule {
  static forBroker(broker: Broker = files()): DynamicModule {
    return {
      module: AlarmsModule,
      imports: [LimitsModule],
      providers: [
        Watch,
        {
          provide: MillRunner,
          inject: [ModuleRef],
          useFactory: (moduleRef: ModuleRef) => {
            const container = { resolve: (token: any) => moduleRef.get(token, { strict: false }) };
            return new MillRunner(new WaterMill({ process: Watch, broker, container }));
          },
        },
      ],
      exports: [MillRunner],
    };
  }
}
