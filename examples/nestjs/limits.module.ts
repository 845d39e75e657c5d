import { Injectable, Module, type OnModuleDestroy } from '@nestjs/common';

/** A service of the application: its resources, such as a connection, are closed with its module. */
@Injectable()
export class Limits implements OnModuleDestroy {
  isOpen = true;

  async celsius(sensor: string): Promise<number> {
    if (!this.isOpen) throw new Error('the limits are closed');
    return sensor === 'boiler' ? 80 : 30;
  }

  onModuleDestroy(): void {
    this.isOpen = false;
  }
}

@Module({ providers: [Limits], exports: [Limits] })
export class LimitsModule {}
