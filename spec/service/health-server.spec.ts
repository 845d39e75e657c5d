import { silentLogger } from '../../lib/base/logger.js';
import { HealthServer } from '../../lib/mill/service/health-server.js';

describe('a health endpoint', () => {
  it('answers 503 where the mill cannot be asked', async () => {
    const health = (): never => {
      throw new Error('nobody there');
    };
    const server = await HealthServer.listen(health, 0, '127.0.0.1', silentLogger);
    const response = await fetch(`http://127.0.0.1:${server.port}/healthz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ready: false, healthy: false, error: 'nobody there' });
    await server.close();
  });
});
