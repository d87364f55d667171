export { fileSystem, type ManifestsIo } from './io.ts';
export { type ManifestsRequest, readManifests } from './read-manifests.ts';
