package main

import (
	"log/slog"

	"aftercare/cmd/aftercare/app"
	"aftercare/cmd/aftercare/config"
	"aftercare/cmd/aftercare/demo"
	"aftercare/responder/classify"
)

type demoCmd struct {
	Stay bool   `help:"Keep the servers running afterwards and say how to look with a mail client."`
	Keep string `help:"Keep the database and the sent mails (.eml) in this folder." placeholder:"DIR"`
	Log  bool   `help:"Show the daemon's own log as well."`
}

func (d *demoCmd) Run(env *environment) error {
	model, err := builtInModel()
	if err != nil {
		return err
	}
	opt := demo.Options{Out: env.out, Stay: d.Stay, Keep: d.Keep, Model: model}
	if d.Log {
		opt.Log = newLogger(env, config.Log{Level: "debug", Format: "text"})
	} else {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	return demo.Run(env.ctx, opt)
}

// builtInModel is the model of the built-in classes and examples, kept between runs in the user's cache.
func builtInModel() (*classify.Model, error) {
	set, err := classify.DefaultClasses()
	if err != nil {
		return nil, err
	}
	return app.ModelFor(app.CacheDir(), set, nil, classify.Options{Precision: config.Default().Classes.Certainty})
}
