import type { Fix } from '../../src/doctor/check.ts';
import type { PlaceholderFile } from '../../src/evidence/facts/controller.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import type { ObjectRef, Origin } from '../../src/evidence/reading.ts';
import { restartOf } from '../../src/evidence/workload-change.ts';

/** A certificate nobody trusts and its key, made on the spot; 100 years, since `haproxy -c` reads no dates but people do. */
const MAKE_DUMMY =
  "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj '/CN=validation-placeholder' -keyout svid.pem.key -out svid.pem";

/** Creates the ConfigMap from files that are made first. */
export function createPlaceholder(configMap: ObjectRef): Fix {
  const files = ['--from-file=svid.pem', '--from-file=svid.pem.key', '--from-file=bundle.pem=svid.pem'];
  return {
    summary: `Create ConfigMap ${configMap.name} from a self-signed dummy certificate.`,
    commands: [
      {
        ...(configMap.namespace ? { namespace: configMap.namespace } : {}),
        args: ['create', 'configmap', configMap.name, ...files],
      },
    ],
    durable: 'extraDeploy of the Helm values',
    impact: 'none',
    preconditions: [`svid.pem and svid.pem.key are in the current folder, made by: ${MAKE_DUMMY}`],
  };
}

/** Puts proper content into the ConfigMap. A key cannot be part of a printed command. */
export function replaceContent({ configMap, key, origin, subPath }: PlaceholderFile, pod: PodView, what: string): Fix {
  const { file, line } = origin;
  const after =
    what === 'key' ? '(the private key of the dummy certificate, as PEM)' : '(a self-signed dummy certificate, as PEM)';
  return {
    summary: `Put a self-signed dummy certificate and its key into svid.pem, svid.pem.key and bundle.pem of ConfigMap ${configMap.name}; ${key} is the one that fails.`,
    edit: {
      file: file ?? `ConfigMap ${configMap.namespace}/${configMap.name}, ${origin.field ?? key}`,
      ...(file === undefined || line === undefined ? {} : { line }),
      after,
    },
    ...(file === undefined && subPath ? { commands: restartOf(pod) } : {}),
    durable: 'the ConfigMap in extraDeploy of the Helm values',
    impact: subPath ? 'rollout' : 'none',
    manual: `a private key must not stand in a command line; make both with: ${MAKE_DUMMY}`,
    ...(subPath
      ? {
          preconditions: [
            'the ConfigMap was corrected first: a subPath mount shows the new content only after a restart',
          ],
        }
      : {}),
  };
}

export function lookAt(path: string, from: Origin): Fix {
  return {
    summary: `See to it that ${path} on the controller holds a certificate and its key; the error says which file fails.`,
    impact: 'none',
    manual: `what is mounted there is not read by the doctor; the error stands in ${from.field ?? 'the status'}`,
  };
}

export function replaceLeakedKey({ configMap, key, origin }: PlaceholderFile): Fix {
  return {
    summary: `Replace ${key} of ConfigMap ${configMap.name} by a self-signed dummy, and treat the identity as leaked: have SPIRE issue anew and evict what was issued.`,
    edit: {
      file: origin.file ?? `ConfigMap ${configMap.namespace}/${configMap.name}, ${origin.field ?? key}`,
      ...(origin.file === undefined || origin.line === undefined ? {} : { line: origin.line }),
      after: '(the private key of a dummy certificate, as PEM)',
    },
    durable: 'the ConfigMap in extraDeploy of the Helm values, and the history of the repository that holds them',
    impact: 'none',
    manual: `a private key must not stand in a command line; make a dummy with: ${MAKE_DUMMY}`,
  };
}
