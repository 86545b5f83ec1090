//! All templates: the system's, there from the start, and those that clients make.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::spec::{BuildSpec, CreateTemplate, Resources};
use super::{Build, Image, State, Template, TemplateStatus};
use crate::desktop::DISPLAY;
use crate::options::Options;
use crate::sandbox::environment::Environment;
use crate::state::App;

/// What a sandbox is made from when its creator names nothing.
pub const DEFAULT: &str = "superserve/base";

/// The one with a screen.
const DESKTOP: &str = "superserve/desktop";

/// Whether sandboxes that are built on this have a screen.
pub fn has_screen(from: &str) -> bool {
    from.trim() == DESKTOP
}

/// What is the same for all commands of an image's sandboxes.
pub fn environment(from: &str, home: String) -> Environment {
    let mut environment = Environment::new(home);
    if has_screen(from) {
        let display = ("DISPLAY".to_owned(), DISPLAY.to_owned());
        environment.variables.extend([display]);
    }
    environment
}

/// Name and id; the ids are fixed, so that a program may keep them over restarts.
const SYSTEM: [(&str, Uuid); 4] = [
    (
        DEFAULT,
        Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0001),
    ),
    (
        "superserve/python-3.11",
        Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0002),
    ),
    (
        "superserve/node-22",
        Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0003),
    ),
    (
        DESKTOP,
        Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0004),
    ),
];

const SYSTEM_TEAM: Uuid = Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0010);
const TEAM: Uuid = Uuid::from_u128(0x5e17_0000_0000_4000_8000_0000_0000_0011);

/// Whether the system has a template of this name.
pub fn is_system_name(name: &str) -> bool {
    SYSTEM.iter().any(|(system, _)| *system == name)
}

/// Why a template or a build was not made.
#[derive(Debug)]
pub enum Refused {
    NameTaken,
    TooManyTemplates,
    TooManyBuilds,
    /// Another build of the template is under way, of another spec.
    Building,
    /// The system's templates are not the client's to change.
    ReadOnly,
    /// A sandbox uses it.
    InUse,
}

/// The templates by name and id.
#[derive(Debug)]
pub struct Templates {
    all: RwLock<Vec<Arc<Template>>>,
    /// Held while limits are checked and used up.
    admission: Mutex<()>,
    /// Builds that may run at once.
    pub slots: Arc<Semaphore>,
    max_templates: usize,
    max_builds: usize,
}

impl Templates {
    pub fn new(options: &Options, home: &str) -> Self {
        let system = SYSTEM.map(|(name, id)| {
            let image = Image {
                layers: Vec::new(),
                environment: environment(name, home.to_owned()),
                start_cmd: None,
                ready_cmd: None,
                screen: has_screen(name),
            };
            let (resources, spec) = (Resources::default(), None);
            new_template(
                id,
                SYSTEM_TEAM,
                name,
                resources,
                spec,
                TemplateStatus::Ready,
                Some(image),
            )
        });
        Self {
            all: RwLock::new(system.into()),
            admission: Mutex::new(()),
            slots: Arc::new(Semaphore::new(options.build_slots.max(1))),
            max_templates: options.max_templates,
            max_builds: options.max_builds,
        }
    }

    /// By name or id.
    pub fn find(&self, name_or_id: &str) -> Option<Arc<Template>> {
        let id = Uuid::try_parse(name_or_id).ok();
        self.read(|all| {
            let found = all
                .iter()
                .find(|one| one.name == name_or_id || Some(one.id) == id);
            found.cloned()
        })
    }

    /// All whose name begins so, newest first.
    pub fn list(&self, prefix: &str) -> Vec<Arc<Template>> {
        self.read(|all| {
            all.iter()
                .rev()
                .filter(|one| one.name.starts_with(prefix))
                .cloned()
                .collect()
        })
    }

    /// Makes a template and starts its first build.
    pub fn create(
        &self,
        app: &Arc<App>,
        create: CreateTemplate,
        resources: Resources,
    ) -> Result<(Arc<Template>, Arc<Build>), Refused> {
        let _admitted = self
            .admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.find(&create.name).is_some() {
            return Err(Refused::NameTaken);
        }
        if self.read(Vec::len) - SYSTEM.len() >= self.max_templates {
            return Err(Refused::TooManyTemplates);
        }
        self.admit_build()?;
        let spec = Arc::new(create.build_spec);
        let (id, status) = (Uuid::new_v4(), TemplateStatus::Pending);
        let name = &create.name;
        let template = new_template(id, TEAM, name, resources, Some(spec.clone()), status, None);
        let build = start_build(app, &template, spec);
        self.write(|all| all.push(template.clone()));
        Ok((template, build))
    }

    /// Builds a template again; the running build and `false` if there is one.
    pub fn rebuild(
        &self,
        app: &Arc<App>,
        template: &Arc<Template>,
    ) -> Result<(Arc<Build>, bool), Refused> {
        let _admitted = self
            .admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let spec = template.spec.clone().ok_or(Refused::ReadOnly)?;
        if let Some(running) = template.running_build() {
            return if running.hash == spec.hash() {
                Ok((running, false))
            } else {
                Err(Refused::Building)
            };
        }
        self.admit_build()?;
        Ok((start_build(app, template, spec), true))
    }

    /// Removes a template that nothing uses.
    pub fn delete(&self, app: &App, template: &Template) -> Result<(), Refused> {
        let _admitted = self
            .admission
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if template.spec.is_none() {
            return Err(Refused::ReadOnly);
        }
        if template.running_build().is_some() {
            return Err(Refused::Building);
        }
        if app
            .all()
            .iter()
            .any(|sandbox| sandbox.origin.template_id == template.id)
        {
            return Err(Refused::InUse);
        }
        self.write(|all| all.retain(|one| one.id != template.id));
        Ok(())
    }

    /// The builds that have not ended.
    pub fn running_builds(&self) -> Vec<Arc<Build>> {
        self.read(|all| {
            all.iter()
                .filter_map(|template| template.running_build())
                .collect()
        })
    }

    fn admit_build(&self) -> Result<(), Refused> {
        if self.running_builds().len() >= self.max_builds {
            return Err(Refused::TooManyBuilds);
        }
        Ok(())
    }

    fn read<T>(&self, use_it: impl FnOnce(&Vec<Arc<Template>>) -> T) -> T {
        use_it(&self.all.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, use_it: impl FnOnce(&mut Vec<Arc<Template>>) -> T) -> T {
        use_it(&mut self.all.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn start_build(app: &Arc<App>, template: &Arc<Template>, spec: Arc<BuildSpec>) -> Arc<Build> {
    let build = Arc::new(Build::new(template.id, spec));
    {
        let mut state = template.state();
        state.set_status(TemplateStatus::Pending);
        state.builds.push(build.clone());
    }
    tokio::spawn(build.clone().run(app.clone(), template.clone()));
    build
}

fn new_template(
    id: Uuid,
    team_id: Uuid,
    name: &str,
    resources: Resources,
    spec: Option<Arc<BuildSpec>>,
    status: TemplateStatus,
    image: Option<Image>,
) -> Arc<Template> {
    let created_at = Timestamp::now();
    let built_at = image.is_some().then_some(created_at);
    let state = State {
        status,
        image,
        size_bytes: None,
        error_message: None,
        built_at,
        builds: Vec::new(),
    };
    let name = name.to_owned();
    Arc::new(Template {
        id,
        team_id,
        name,
        resources,
        created_at,
        spec,
        state: state.into(),
    })
}
