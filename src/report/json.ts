import type { DoctorReport } from '../doctor/report.ts';
import { escapeJson } from './escape.ts';

/** The report as one JSON document that `doctor-report.schema.json` describes. */
export function renderJson(report: DoctorReport): string {
  return renderJsonValue(report);
}

/** Any value as indented JSON without raw hidden characters. */
export function renderJsonValue(value: unknown): string {
  return `${escapeJson(JSON.stringify(value, undefined, 2))}\n`;
}
