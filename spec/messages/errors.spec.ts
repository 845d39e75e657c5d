import { thrownText } from '../../lib/base/thrown.js';
import { WaterMillError } from '../../lib/base/watermill-error.js';
import { badMessageError, readerOf } from '../../lib/messages/index.js';
import { Everything, everything, Location } from './model.js';

const place = { message: 'Location', stream: 'locations.json', position: 17 };

function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('the error for a bad message', () => {
  it('names class, position, stream and field, the expected and the found value', () => {
    const problem = thrown(() => readerOf(Everything)({ ...everything, places: [{ time: 'a' }] }));
    const error = badMessageError(problem, { ...place, message: 'Everything' });
    expect(error).toBeInstanceOf(WaterMillError);
    expect(error.code).toBe('WM_BAD_MESSAGE');
    expect(error.message).toBe(
      'Everything at position 17 of locations.json cannot be read: field places[0].time must be a finite number, but is the string "a".',
    );
    expect(error.details).toEqual({
      message: 'Everything',
      stream: 'locations.json',
      position: 17,
      field: 'places[0].time',
      expected: 'a finite number',
      found: 'the string "a"',
    });
  });

  it('keeps the cause of a deserializer', () => {
    const cause = new Error('no luck');
    const read = readerOf(Location, {
      deserializer: () => {
        throw cause;
      },
    });
    const error = badMessageError(
      thrown(() => read({})),
      place,
    );
    expect(error.message).toBe(
      'Location at position 17 of locations.json cannot be read: the deserializer threw: no luck.',
    );
    expect(error.cause).toBe(cause);
  });

  it('uses the reason from a broker', () => {
    expect(badMessageError('it is not JSON.', place)).toMatchObject({
      message: 'Location at position 17 of locations.json cannot be read: it is not JSON.',
      details: place,
    });
  });

  it('is not created for programming errors', () => {
    const error = new WaterMillError('WM_ASYNC_DESERIALIZER', 'asynchronous');
    expect(badMessageError(error, place)).toBe(error);
  });

  it('is described in one sentence for BadMessage', () => {
    expect(thrownText(thrown(() => readerOf(Location)(null)))).toBe(
      'the message must be an object with the fields of Location, but is null.',
    );
    expect(thrownText('it is not JSON.')).toBe('it is not JSON.');
  });
});
