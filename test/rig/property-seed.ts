import fc from 'fast-check';

// The same examples on every machine, so that a failure is one of the change at hand. Others:
// PROPERTY_SEED=$RANDOM npm test
fc.configureGlobal({ seed: Number(process.env['PROPERTY_SEED'] ?? 20261122) });
