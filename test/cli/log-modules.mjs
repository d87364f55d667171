// Preloaded with --import: writes the address of every module that is loaded to the file that MODULE_LOG names.
import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import process from 'node:process';

registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.MODULE_LOG ?? '', `${url}\n`);
    return next(url, context);
  },
});
