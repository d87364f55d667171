import type { Message } from '../../src/doctor/check.ts';

/** About the names that the SVIDs behind an annotated Ingress will carry. */
export const ingressMessages = {
  'backend-has-no-identity': {
    role: 'cause',
    severity: 'fail',
    text: 'Service {service} is {why}, so nothing behind it can have an SVID with the name {sni} that HAProxy verifies: requests get 503',
  },
  'backend-not-registered': {
    role: 'cause',
    severity: 'fail',
    text: 'no ClusterSPIFFEID registers {pods} behind Service {service}; {clusterSpiffeId} comes closest, but {detail}',
  },
  'backend-lacks-dns-names': {
    role: 'cause',
    severity: 'fail',
    text: 'the SVIDs of {pods} behind Service {service} carry no DNS name at all: ClusterSPIFFEID {clusterSpiffeId} neither sets autoPopulateDNSNames nor has dnsNameTemplates{hidden}. HAProxy verifies {sni}: requests get 503',
    avoid: ["don't set verify none: HAProxy would then talk to anything that answers"],
  },
  'backend-name-differs': {
    role: 'cause',
    severity: 'fail',
    text: 'the SVIDs of {pods} behind Service {service} carry {names}, but HAProxy verifies {sni}: requests get 503{hidden}',
    avoid: ["don't set verify none: HAProxy would then talk to anything that answers"],
  },
  'backend-uses-cert-manager': {
    role: 'cause',
    severity: 'fail',
    text: "{pods} behind Service {service} get their certificates from cert-manager's SPIFFE driver, whose approver allows no DNS names, so HAProxy cannot verify {sni}",
  },
} as const satisfies Readonly<Record<string, Message>>;
