// SPDX-License-Identifier: Apache-2.0

/**
 * Follows definitions and triggers, and reconciles. Everything of the world comes through ports.
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
} from "./channels.ts";
export { type Controller, type ControllerStatus, createController } from "./controller.ts";
export type { ControllerOptions } from "./controller_core.ts";
export {
  CLUSTER_BRANCH,
  type ClusterRepository,
  createClusterRepository,
} from "./cluster_source/cluster_repository.ts";
export type { DefinitionWatchOptions } from "./cluster_source/definition_watch.ts";
export type {
  ClusterVerb,
  ControllerEvent,
  ControllerObserver,
  EventObject,
  ForeignChange,
} from "./controller_event.ts";
export { type ControllerSettings, DEFAULT_SETTINGS } from "./controller_settings.ts";
export type { FeedEvent, FeedObserver } from "./feed_event.ts";
export { EVENT_REASONS, type EventReason } from "./event_note.ts";
export type { EventSettings } from "./event_recorder.ts";
export type { FollowedRole } from "./followed_kinds.ts";
export type { GatedWorkflow, GateMode, GateState, InForceRecord } from "./gate.ts";
export type { RunTests, TestVerdict, UnreadableContent } from "./gate_faults.ts";
export { createKindRecord, type KindRecord } from "./kind_record.ts";
export { type MetricName, METRICS } from "./metric_definitions.ts";
export { collectMetrics, createMetricsObserver } from "./metrics.ts";
export type { WatchHealth } from "./kind_watch.ts";
export type { WatchFault } from "./watch_machine.ts";
export type { ChannelRule, ChannelRules } from "./channel_choice.ts";
export type { Layer } from "./channel_content.ts";
export {
  type CanarySettings,
  type CanaryShare,
  type ChannelSettings,
  isPattern,
  type PresentChannel,
  type PresentChannels,
  presentChannels,
  type SourceSettings,
  type TriggerSelector,
} from "./channel_settings.ts";
export type { FollowedChannel } from "./source_follower.ts";
export {
  type ChannelReader,
  createChannelReader,
  type ReadChannel,
  type ReadDefinition,
} from "./read_channel.ts";
export type { SourceReaderSettings } from "./source_reader.ts";
export {
  createRevisionLoader,
  layerOf,
  type LoadedLayer,
  type LoadedRevision,
  type RevisionLoader,
  type RevisionSettings,
} from "./load_revision.ts";
export {
  type ChannelStatus,
  createProgramRegistry,
  type ProgramChange,
  type ProgramRegistry,
  type RegistryFailure,
  type RegistrySettings,
  type RegistryStatus,
} from "./program_registry.ts";
export {
  RECORD_CHANNEL,
  RECORD_FORMAT,
  RECORD_LABEL,
  RECORD_PARTS,
  recordHeadName,
} from "./record_maps.ts";
export { createRecordPlace, type RecordPlace, type RecordPlaceOptions } from "./record_place.ts";
export { createRecordStore, type RecordStoreOptions } from "./record_store.ts";
export type {
  CanaryBaseline,
  Candidacy,
  ChannelRecord,
  RecordStore,
  Refusal,
  Release,
} from "./release.ts";
export type {
  Canary,
  CanaryStatus,
  ReleaseAnswer,
  ReleaseControl,
  ReleaseStatus,
} from "./canary.ts";
export type { CanaryProgress } from "./canary_verdict.ts";
export type { KeptReleases } from "./release_control.ts";
export {
  type AnsweredRequest,
  answerOn,
  answerPatch,
  isSameRequest,
  type ReleaseRequest,
  requestPatch,
} from "./release_request.ts";
export {
  createReleaseRequests,
  type ReleaseRequests,
  type ReleaseRequestsOptions,
} from "./release_requests.ts";
export { createDefinitionFeed, type FeedSettings } from "./definition_feed.ts";
export {
  type ChannelGone,
  type ChannelPublication,
  type DefinitionFeed,
  FeedError,
  type FeedMessage,
  type FeedReport,
  type FeedSeed,
  type Generation,
  type PublishedContent,
  type PublishedDocument,
  type PublishedProgram,
  type PublishedWorkflow,
} from "./publication.ts";
export {
  createReleaseRegistry,
  type ReleaseRegistry,
  type ReleaseRegistrySettings,
} from "./release_registry.ts";
export type { ControllerRegistry } from "./reconcile_context.ts";
export type { KindName, TriggerName } from "./trigger_key.ts";
export type { WakeReason } from "./wake_reason.ts";
export type { QueueStatus } from "./work_queue.ts";
export type { ReleaseStep } from "./release_steps.ts";
