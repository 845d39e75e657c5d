import type { Deserializer } from 'watermill';
import type { VehiclePosition } from './messages.js';

/** The parts of a telemetry record that are read here; the many others may change. */
interface TelemetryRecord {
  header: { stamp: { sec: number; nanosec: number } };
  gnss: { fix: { lat: number; lon: number } };
}

/** Reads three fields of a wide record. Its result is checked against `VehiclePosition`. */
export const positionOfRecord: Deserializer<VehiclePosition> = ({ header, gnss }: TelemetryRecord) => ({
  time: header.stamp.sec + header.stamp.nanosec / 1e9,
  latitude: gnss.fix.lat,
  longitude: gnss.fix.lon,
});
