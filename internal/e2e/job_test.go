//go:build e2e

package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/babelreel/babelreel/contract"
	"github.com/babelreel/babelreel/domain/gate"
	"github.com/babelreel/babelreel/internal/simengine"
)

func allServices(film string) contract.TitleIn {
	return contract.TitleIn{Order: contract.Order{
		Source: film, SourceLanguage: "en", Services: []contract.Service{contract.Subtitles, contract.Dub, contract.LipSync},
	}}
}

func TestWholeJobOnTheSimulator(t *testing.T) {
	s := newStack(t, &simengine.Options{Seed: 1})
	film := simFilm(t, s.Engine(), simLines)

	job, run := s.start(allServices(film))
	s.approve(contract.TitleID(job), gate.Dialogue)
	s.approve(contract.LanguageID(job, "pt-BR"), gate.Translation, gate.Subtitles, gate.Premix, gate.Final)
	m := s.manifest(run, "pt-BR")

	require.Len(t, m.Approvals, 5)
	require.Contains(t, m.Labels, "approved by an unverified identity at gate final")
	s.fetchAll(m)
	s.record("title-delivered", contract.TitleID(job))
	s.record("language-delivered", contract.LanguageID(job, "pt-BR"))
}
