import packageJson from '../../package.json' with { type: 'json' };

/** What the tool says about itself, from package.json. */
export const tool = { name: packageJson.name, version: packageJson.version } as const;

/** Address under which the checks' pages lie. */
export const docsBase: string = packageJson.config.docs;

/** Address of HAPTIC's guide to SPIFFE mTLS. */
export const guideBase: string = packageJson.config.guide;
