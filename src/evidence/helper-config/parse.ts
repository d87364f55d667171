import type { HelperConfig, ParsedHelperConfig, Setting, UnknownKey } from '../facts/helpers.ts';
import { bytesOfText, textOfBytes } from '../hcl/byte-text.ts';
import type { DecodedStruct } from '../hcl/decode.ts';
import { type HclReading, readHcl } from '../hcl/read-hcl.ts';
import { RELEASES, type Release, schemaOf } from './schema.ts';
import { healthChecksOf, jwtSvidsOf, keysOf, settings } from './settings.ts';

/** Releases that refuse a key they don't know; those before ignore it. */
const STRICT: readonly Release[] = RELEASES.filter((release) => release !== '0.8');

/** helper.conf as a release of spiffe-helper reads it; without one, as the newest does. */
export function parseHelperConfig(text: string, release: Release = '0.11'): ParsedHelperConfig {
  const reading = readAs(text, release);
  if (!reading.ok) return { ok: false, ...reading.place, message: reading.message };
  return { ok: true, config: configOf(reading.root, text) };
}

function readAs(text: string, release: Release): HclReading {
  // The library's version in 0.9 refuses an argument that is set twice; earlier and later ones take the last.
  return readHcl(bytesOfText(text), schemaOf(release), { duplicates: release === '0.9' ? 'rejected' : 'allowed' });
}

function configOf(root: DecodedStruct, text: string): HelperConfig {
  const { string, bool, number } = settings(root);
  return {
    ...string('agentAddress', 'agent_address'),
    ...string('certDir', 'cert_dir'),
    ...string('svidFileName', 'svid_file_name'),
    ...string('svidKeyFileName', 'svid_key_file_name'),
    ...string('svidBundleFileName', 'svid_bundle_file_name'),
    ...string('cmd', 'cmd'),
    ...string('cmdArgs', 'cmd_args'),
    ...string('pidFileName', 'pid_file_name'),
    ...string('renewSignal', 'renew_signal'),
    ...string('hint', 'hint'),
    ...string('jwtBundleFileName', 'jwt_bundle_file_name'),
    ...bool('addIntermediatesToBundle', 'add_intermediates_to_bundle'),
    ...bool('includeFederatedDomains', 'include_federated_domains'),
    ...bool('omitExpired', 'omit_expired'),
    ...bool('daemonMode', 'daemon_mode'),
    ...number('certFileMode', 'cert_file_mode'),
    ...number('keyFileMode', 'key_file_mode'),
    ...number('jwtBundleFileMode', 'jwt_bundle_file_mode'),
    ...number('jwtSvidFileMode', 'jwt_svid_file_mode'),
    ...healthChecksOf(root),
    ...keysOf(root),
    jwtSvids: jwtSvidsOf(root).length > 0,
    jwtSvidList: jwtSvidsOf(root),
    unknownKeys: unknownKeysOf(text),
  };
}

/** Unknown keys with the releases that exit because of them. */
function unknownKeysOf(text: string): readonly UnknownKey[] {
  const found = new Map<string, { setting: Setting<string>; rejectedBy: Release[] }>();
  for (const release of STRICT) {
    const reading = readHcl(bytesOfText(text), schemaOf(release));
    for (const [key, places] of reading.ok ? reading.root.unused : []) {
      const known = found.get(key);
      const [place = { line: 1, column: 1 }] = places;
      if (known) known.rejectedBy.push(release);
      else found.set(key, { setting: { value: textOfBytes(key), ...place }, rejectedBy: [release] });
    }
  }
  return [...found.values()].map(({ setting, rejectedBy }) => ({ ...setting, rejectedBy }));
}
