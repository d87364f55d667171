import type { DoctorReport } from '../doctor/report.ts';
import { writeYaml } from '../doctor/yaml-text.ts';
import { quoteYaml } from './escape.ts';

/** The JSON report as one YAML document. */
export function renderYaml(report: DoctorReport): string {
  return renderYamlValue(report);
}

/** Any value that JSON could hold as one YAML document, without raw hidden characters. */
export function renderYamlValue(value: unknown): string {
  return writeYaml(value, quoteYaml);
}
