// SPDX-License-Identifier: Apache-2.0

/**
 * Follows definitions and triggers, and reconciles. Everything of the world comes through ports.
 *
 * Data flows one way through its folders: `channels` (what a channel is made of) and `gate` (what may
 * be put in force) make, in `feed`, generations in the form of `publication`; `release` and
 * `registry` decide which of them a trigger runs from, and `record` keeps them. `watch` follows the
 * cluster, `queue` says which trigger is due, `triggers` reconciles it; `events` and `metrics` tell.
 *
 * Not here: how a run is made (`runtime`), where Git and Kubernetes are (`adapters`), and how
 * FunctionTests are run: the gate is given their runner.
 *
 * @module
 */

export {
  type ChannelState,
  type ChannelWorkflow,
  type CrdRef,
  crdRefKey,
  createChannelState,
  type HeldBack,
  type InForce,
  type TakenBack,
} from "./channels/channels.ts";
export { type Controller, type ControllerStatus, createController } from "./controller.ts";
export type { ControllerOptions } from "./controller_core.ts";
export {
  CLUSTER_BRANCH,
  type ClusterRepository,
  createClusterRepository,
} from "./channels/cluster_source/cluster_repository.ts";
export type { DefinitionWatchOptions } from "./channels/cluster_source/definition_watch.ts";
export type {
  ClusterVerb,
  ControllerEvent,
  ControllerObserver,
  EventObject,
  ForeignChange,
} from "./events/controller_event.ts";
export { type ControllerSettings, DEFAULT_SETTINGS } from "./triggers/controller_settings.ts";
export { createObservedCluster } from "./events/observed_cluster.ts";
export {
  createWaitingEvents,
  type FeedEvent,
  type FeedObserver,
  type WaitingEvents,
} from "./feed/feed_event.ts";
export { EVENT_REASONS, type EventReason } from "./events/event_note.ts";
export type { EventSettings } from "./events/event_recorder.ts";
export type { FollowedRole } from "./watch/followed_kinds.ts";
export type { GatedWorkflow, GateMode, GateState, InForceRecord } from "./gate/gate.ts";
export type { RunTests, TestVerdict, UnreadableContent } from "./gate/gate_faults.ts";
export type { Refusal, WorkflowBehaviour } from "./gate/refusal.ts";
export {
  createHeadObjects,
  type HeadObjects,
  type HeadObjectsOptions,
} from "./record/head_objects.ts";
export { createKindRecord, type KindRecord } from "./record/kind_record.ts";
export { type MetricName, METRICS } from "./metrics/metric_definitions.ts";
export { collectMetrics, createMetricsObserver } from "./metrics/metrics.ts";
export type { WatchHealth } from "./watch/kind_watch.ts";
export type { WatchFault } from "./watch/watch_machine.ts";
export type { AwaitedPattern, ChannelRule, ChannelRules } from "./channels/channel_choice.ts";
export type { Layer } from "./channels/channel_content.ts";
export { CHANNEL_NAME, mayShareNames } from "./channels/channel_name.ts";
export {
  type CanarySettings,
  type CanaryShare,
  type ChannelSettings,
  isPattern,
  type LeftOutBranch,
  type PresentChannel,
  type PresentChannels,
  presentChannels,
  type SourceSettings,
  type TakenNames,
  type TriggerSelector,
} from "./channels/channel_settings.ts";
export { layersIn } from "./feed/definition_layer.ts";
export { layersOf } from "./feed/feed_seed.ts";
export type { FollowedChannel } from "./feed/followed_channels.ts";
export type { ProgramChange } from "./feed/source_follower.ts";
export {
  type ChannelReader,
  createChannelReader,
  type ReadChannel,
  type ReadDefinition,
} from "./feed/read_channel.ts";
export type { SourceReaderSettings } from "./channels/source_reader.ts";
export {
  createRevisionLoader,
  type LoadedLayer,
  type LoadedRevision,
  type RevisionLoader,
  type RevisionSettings,
} from "./feed/load_revision.ts";
export type { ChannelStatus, RegistryFailure, RegistryStatus } from "./feed/channel_status.ts";
export {
  createProgramRegistry,
  type ProgramRegistry,
  type RegistrySettings,
} from "./feed/program_registry.ts";
export {
  RECORD_CHANNEL,
  RECORD_FORMAT,
  RECORD_LABEL,
  RECORD_PARTS,
  recordHeadName,
} from "./record/record_maps.ts";
export {
  createRecordPlace,
  type RecordPlace,
  type RecordPlaceOptions,
} from "./record/record_place.ts";
export { createRecordStore, type RecordStoreOptions } from "./record/record_store.ts";
export type {
  CanaryBaseline,
  Candidacy,
  ChannelRecord,
  RecordStore,
  Release,
} from "./release/release.ts";
export type {
  Canary,
  CanaryStatus,
  ReleaseAnswer,
  ReleaseControl,
  ReleaseStatus,
} from "./release/canary.ts";
export type { CanaryProgress } from "./release/canary_verdict.ts";
export type { KeptReleases } from "./registry/release_control.ts";
export {
  type AnsweredRequest,
  answerOn,
  answerPatch,
  isSameRequest,
  type ReleaseRequest,
  requestPatch,
} from "./release/release_request.ts";
export {
  createReleaseRequests,
  type ReleaseRequests,
  type ReleaseRequestsOptions,
} from "./record/release_requests.ts";
export type { SlicePace } from "./queue/run_slices.ts";
export { createDefinitionFeed, type FeedSettings } from "./feed/definition_feed.ts";
export {
  type FeedSeed,
  type Generation,
  type PublishedContent,
  type PublishedDocument,
  type PublishedProgram,
  type PublishedWorkflow,
} from "./publication/publication.ts";
export {
  type ChannelGone,
  type ChannelPublication,
  type DefinitionFeed,
  type FeedBeginning,
  FeedError,
  type FeedMessage,
  type FeedReport,
  type UnreadSource,
} from "./feed/feed_message.ts";
export {
  type ChannelInForce,
  createReleaseRegistry,
  type ReleaseRegistry,
  type ReleaseRegistrySettings,
} from "./registry/release_registry.ts";
export type { ControllerRegistry } from "./triggers/reconcile_context.ts";
export type { KindName, TriggerName } from "./queue/trigger_key.ts";
export type { WakeReason } from "./queue/wake_reason.ts";
export type { QueueStatus } from "./queue/work_queue.ts";
export type { ReleaseStep } from "./release/release_steps.ts";
