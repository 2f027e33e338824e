//! Editing an instance as a user does: values, keys, buttons, time.

use super::action::{Changed, Outcome, notify};
use super::instance::Instance;
use super::negotiate::negotiate;
use super::param::Param;
use super::property::name;
use super::scope::Reason;
use super::{HostError, Message, ParamKind, Value};
use openfx_sys as sys;
use std::ffi::CStr;
use std::sync::Arc;

impl Instance {
    /// Sets a parameter as a user does, with the InstanceChanged actions. On an animated parameter this sets a key at the current
    /// time.
    ///
    /// # Errors
    /// [`HostError::NoParam`], [`HostError::ValueType`]; else when an action fails or the rules are broken.
    pub fn set(&self, param: &str, value: impl Into<Value>) -> Result<(), HostError> {
        let param = self.effect.params.find(param)?;
        let datum = param.datum(&value.into())?;
        let time = self.session.time();
        param.write(|curve| curve.set(time, datum));
        self.edited(&param, time)
    }

    /// Sets a key as a user does.
    ///
    /// # Errors
    /// As [`Instance::set`]; [`HostError::NotAnimated`] where the parameter has no keys.
    pub fn set_key(&self, param: &str, time: f64, value: impl Into<Value>) -> Result<(), HostError> {
        let param = self.keyed_param(param)?;
        if !time.is_finite() {
            return Err(HostError::Request { what: format!("a key at time {time}") });
        }
        let datum = param.datum(&value.into())?;
        param.write(|curve| curve.set_key(time, datum));
        self.edited(&param, time)
    }

    /// Deletes the key at a time, if there is one. Returns whether there was.
    ///
    /// # Errors
    /// As [`Instance::set_key`].
    pub fn delete_key(&self, param: &str, time: f64) -> Result<bool, HostError> {
        let param = self.keyed_param(param)?;
        let deleted = param.write(|curve| curve.delete_key(time));
        if deleted {
            self.edited(&param, time)?;
        }
        Ok(deleted)
    }

    /// A parameter that may have keys in this host.
    pub(super) fn keyed_param(&self, label: &str) -> Result<Arc<Param>, HostError> {
        let param = self.effect.params.find(label)?;
        // MLT shows plugins no keys and animates all the same: only what the host says it cannot animate is refused.
        let hidden = !self.effect.host.character.shows_keys;
        if param.animates() && (hidden || self.effect.host.character.animates(param.kind)) {
            return Ok(param);
        }
        Err(HostError::NotAnimated { param: label.to_owned() })
    }

    /// Tells the plugin of a user's edit, and agrees on formats again where they depend on the parameter.
    fn edited(&self, param: &Param, time: f64) -> Result<(), HostError> {
        self.tell_user_edit(param, time)?;
        let slaves = name(sys::kOfxImageEffectPropClipPreferencesSlaveParam);
        let slaves = self.effect.properties.all::<Arc<CStr>>(slaves).unwrap_or_default();
        if slaves.iter().any(|slave| **slave == *param.name) {
            negotiate(&self.effect, self.wish)?;
        }
        Ok(())
    }

    fn tell_user_edit(&self, param: &Param, time: f64) -> Result<Outcome, HostError> {
        notify(&self.effect, Reason::User, Changed::Param(&param.name), time).accept(&self.effect)
    }

    /// The value at the current time.
    ///
    /// # Errors
    /// [`HostError::NoParam`]; [`HostError::ValueType`] for groups, pages and buttons.
    pub fn get(&self, param: &str) -> Result<Value, HostError> {
        self.get_at(param, self.session.time())
    }

    /// The value at a time, interpolated between keys.
    ///
    /// # Errors
    /// As [`Instance::get`].
    pub fn get_at(&self, param: &str, time: f64) -> Result<Value, HostError> {
        let param = self.effect.params.find(param)?;
        if param.kind.dimension() == 0 {
            return Err(HostError::ValueType {
                param: param.label(),
                expected: param.kind.words().to_owned(),
                found: "a question for its value".to_owned(),
            });
        }
        Ok(param.read(|curve| curve.at(time)).value(param.kind))
    }

    /// Times of all keys, ascending; empty where the parameter is constant.
    ///
    /// # Errors
    /// [`HostError::NoParam`].
    pub fn keys(&self, param: &str) -> Result<Vec<f64>, HostError> {
        let param = self.effect.params.find(param)?;
        Ok(param.read(|curve| curve.keys().iter().map(|key| key.time).collect()))
    }

    /// Whether the parameter is enabled in the user interface now.
    ///
    /// # Errors
    /// [`HostError::NoParam`].
    pub fn is_enabled(&self, param: &str) -> Result<bool, HostError> {
        Ok(self.effect.params.find(param)?.properties.flag(name(sys::kOfxParamPropEnabled)))
    }

    /// Whether the parameter is hidden in the user interface now.
    ///
    /// # Errors
    /// [`HostError::NoParam`].
    pub fn is_secret(&self, param: &str) -> Result<bool, HostError> {
        Ok(self.effect.params.find(param)?.properties.flag(name(sys::kOfxParamPropSecret)))
    }

    /// Presses a push button as a user does. Returns what the effect told the user meanwhile.
    ///
    /// # Errors
    /// [`HostError::NoParam`], [`HostError::ValueType`] where it is no button; else when an action fails or the rules are broken.
    pub fn press(&self, button: &str) -> Result<Vec<Message>, HostError> {
        let param = self.effect.params.find(button)?;
        if param.kind != ParamKind::PushButton {
            return Err(HostError::ValueType {
                param: param.label(),
                expected: param.kind.words().to_owned(),
                found: "a press".to_owned(),
            });
        }
        Ok(self.tell_user_edit(&param, self.session.time())?.findings.messages)
    }

    /// The current time.
    pub fn time(&self) -> f64 {
        self.session.time()
    }

    /// Moves the time line, with an InstanceChanged for the time.
    ///
    /// # Errors
    /// When an action fails or the rules are broken.
    pub fn set_time(&self, time: f64) -> Result<(), HostError> {
        if !time.is_finite() {
            return Err(HostError::Request { what: format!("time {time}") });
        }
        self.session.set_time(time);
        notify(&self.effect, Reason::Time, Changed::Time, time).accept(&self.effect)?;
        Ok(())
    }
}
