package activities

import (
	"context"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/qa"
)

// AssembleMaster puts together what the final gate decides on: the mix, what was
// heard of it, and the lip-synced picture where it was ordered.
func (p *Parts) AssembleMaster(ctx context.Context, w contract.Work) (contract.Made, error) {
	master := contract.Master{
		Mix: w.Doc(contract.StageMix), Heard: w.Doc(contract.StageHear), Picture: w.Doc(contract.StagePicture),
	}
	report, err := load[qa.Report](ctx, p, master.Heard)
	if err != nil {
		return contract.Made{}, err
	}
	if !master.Picture.IsZero() {
		picture, err := load[contract.Picture](ctx, p, master.Picture)
		if err != nil {
			return contract.Made{}, err
		}
		report = report.With(qa.CheckPicture(qa.PictureFacts{
			Missing: picture.Missing, OutsideIdentical: picture.OutsideIdentical, Closures: picture.Closures, ClosuresHit: picture.ClosuresHit,
		})...)
	}
	doc, err := p.save(ctx, master)
	if err != nil {
		return contract.Made{}, err
	}
	checked, err := p.save(ctx, report)
	return contract.Made{Doc: doc, Report: checked, Items: 1}, err
}
