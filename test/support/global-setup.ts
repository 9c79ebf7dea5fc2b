/** Placeholder until the build script is in the tree. */
export default function setup(): void {}
