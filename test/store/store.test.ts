import { lmdbStore, memoryStore, overlayOn } from './stores.ts';
import { storeCases } from './store.cases.ts';

storeCases('a store in memory', memoryStore);
storeCases('a store in LMDB', lmdbStore);
storeCases('a store over one in memory', () => overlayOn(memoryStore));
storeCases('a store over one in LMDB', () => overlayOn(lmdbStore));
