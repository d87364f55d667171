import { defineCheck } from '../../src/doctor/check.ts';
import { haproxyExamination } from './haproxy.ts';
import { ofIngress } from './ingress.ts';
import { ingressMessages } from './ingress-messages.ts';
import { haproxyMessages } from './messages.ts';

export default defineCheck({
  id: 'san-contents',
  title: 'SVIDs carry the names that their peers look for',
  stage: 'identity',
  guide: 'DNS SAN Configuration',
  after: ['svid-issued'],
  messages: { ...haproxyMessages, ...ingressMessages },
  ...haproxyExamination,
  also: [ofIngress],
});
