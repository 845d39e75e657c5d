import { Injectable } from '@nestjs/common';
import { message, Process } from 'watermill';
import { Limits } from './limits.module.js';
import { Alarm, Reading } from './messages.js';

/** The process is a provider like any other: Nest creates it, and injects its constructor arguments. */
@Injectable()
export class Watch {
  constructor(private readonly limits: Limits) {}

  @Process({ emits: [Alarm] })
  async watch({ at, sensor, celsius }: Reading): Promise<Alarm | undefined> {
    const limit = await this.limits.celsius(sensor);
    return celsius > limit ? message(Alarm, { at, text: `${sensor}: ${celsius} degrees` }) : undefined;
  }
}
