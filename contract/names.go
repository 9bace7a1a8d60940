package contract

// Task queues. One queue per kind of machine, not per activity: a queue says
// what hardware and which credentials its workers have.
const (
	QueueFlow  = "flow"  // workflow tasks, records and documents: small, CPU only
	QueueMedia = "media" // ffmpeg and files: CPU and disk
	QueueCPU   = "cpu"   // small engines: speech regions, local translation
	QueueGPU   = "gpu"   // recognition, speech synthesis, lip-sync
	QueueNet   = "net"   // paid services, rate-limited per provider
)

// Queues lists every task queue.
func Queues() []string { return []string{QueueFlow, QueueMedia, QueueCPU, QueueGPU, QueueNet} }

// The workflow types.
const (
	LocalizeTitle    = "LocalizeTitle"    // one programme into the languages of an order
	LocalizeLanguage = "LocalizeLanguage" // one language of it
)

// The updates, signals and queries of both workflow types.
const (
	UpdateDecide        = "decide"          // in Decide, out Receipt
	UpdateRetry         = "retry"           // in Retry, out Receipt: run a blocked stage again
	UpdateAddLanguage   = "addLanguage"     // in AddLanguage, out Receipt: LocalizeTitle only
	SignalSourceRevised = "sourceRevised"   // in SourceRevised: LocalizeTitle to LocalizeLanguage
	QueryStatus         = "babelreelStatus" // out Status
)

// TitleID is the workflow id of a job.
func TitleID(job string) string { return "title-" + job }

// LanguageID is the workflow id of one language of a job.
// A job's id holds no colon, so that no two workflows share an id.
func LanguageID(job, language string) string { return TitleID(job) + ":" + language }
